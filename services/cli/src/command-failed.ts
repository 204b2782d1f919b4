/** A command cannot do what it was asked, and the message says why and what to do. Exit code 1, without a stack. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** What an error says. Looked at by shape: one of the system's own may come from another realm. */
export function messageOf(error: unknown): string {
  const isObject = typeof error === 'object' && error !== null;
  return isObject && 'message' in error ? String(error.message) : String(error);
}
