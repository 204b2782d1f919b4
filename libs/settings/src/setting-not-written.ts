/** A setting was not written, and the message says why and what to do. */
export class SettingNotWritten extends Error {
  override readonly name = 'SettingNotWritten';
}
