/** An answer other than success: `{"error": {"code", "message"}}`. */
export class ArmError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ArmError';
    this.status = status;
    this.code = code;
  }
}

export const badRequest = (message: string): ArmError => new ArmError(400, 'BadRequest', message);

export const notFound = (id: string): ArmError =>
  new ArmError(404, 'ResourceNotFound', `The resource ${id} was not found.`);

export const parentNotFound = (id: string): ArmError =>
  new ArmError(404, 'ParentResourceNotFound', `The parent resource ${id} was not found.`);
