/** An answer other than success, in the words of the service. */
export class CosmosError extends Error {
  readonly status: number;
  readonly code: string;
  readonly substatus: number | undefined;

  constructor(status: number, code: string, message: string, substatus?: number) {
    super(message);
    this.name = 'CosmosError';
    this.status = status;
    this.code = code;
    this.substatus = substatus;
  }
}

/** The key in the header is not the one that the item's body holds. */
export const SUBSTATUS_KEY_MISMATCH = 1001;
const SUBSTATUS_CONTAINER_GONE = 1003;

export const badRequest = (message: string): CosmosError =>
  new CosmosError(400, 'BadRequest', message);

export const notFound = (what: string): CosmosError =>
  new CosmosError(404, 'NotFound', `${what} does not exist.`);

export const containerGone = (path: string): CosmosError =>
  new CosmosError(404, 'NotFound', `Container ${path} does not exist.`, SUBSTATUS_CONTAINER_GONE);

export const conflict = (what: string): CosmosError =>
  new CosmosError(409, 'Conflict', `${what} exists already.`);

export const preconditionFailed = (what: string): CosmosError =>
  new CosmosError(412, 'PreconditionFailed', `${what} was changed since: its ETag is another one.`);

export const tooLarge = (limitBytes: number): CosmosError =>
  new CosmosError(413, 'RequestEntityTooLarge', `The request is above ${limitBytes} bytes.`);

export const notImplemented = (what: string): CosmosError =>
  new CosmosError(501, 'NotImplemented', `The embedded Cosmos DB has no ${what}.`);
