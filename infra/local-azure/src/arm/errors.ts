/** An answer other than success: `{"error": {"code", "message"}}`. */
export class ArmError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'ArmError';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export const badRequest = (message: string): ArmError => new ArmError(400, 'BadRequest', message);

export const notFound = (id: string): ArmError =>
  new ArmError(404, 'ResourceNotFound', `The resource ${id} was not found.`);

export const parentNotFound = (id: string): ArmError =>
  new ArmError(404, 'ParentResourceNotFound', `The parent resource ${id} was not found.`);

/** Azure has it, this one has not. SDKs do not try a 501 again. */
export const notSupported = (what: string, instead: string): ArmError => {
  const message = `The embedded Azure does not support ${what}. ${instead}`;
  return new ArmError(501, 'NotSupported', message);
};
