import { CosmosError } from '../../errors.ts';

/** Of what a function makes: small texts can be made into endless ones. */
export const MAX_TEXT_LENGTH = 4 * 1024 * 1024;

export class TooLongError extends CosmosError {
  constructor(name: string) {
    super(400, 'BadRequest', `${name} makes a text above ${MAX_TEXT_LENGTH} characters.`);
    this.name = 'TooLongError';
  }
}
