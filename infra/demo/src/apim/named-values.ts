/** Named values of one API Management service, through Azure Resource Manager. */
export interface NamedValues {
  /** Absent: there is no such named value. Throws `ArmRefused`. */
  read(id: string): Promise<NamedValue | undefined>;
  /** Its value, which ARM shows on its own only. */
  value(id: string): Promise<string>;
  /** `changed`: somebody else changed it since it was read. */
  replace(id: string, value: string, tags: readonly string[], etag: string): Promise<Replaced>;
}

export interface NamedValue {
  readonly tags: readonly string[];
  readonly etag: string;
}

export type Replaced = 'replaced' | 'changed';

export interface ApiManagement {
  /** `https://management.azure.com` */
  readonly endpoint: string;
  /** `/subscriptions/S/resourceGroups/G/providers/Microsoft.ApiManagement/service/NAME` */
  readonly service: string;
  readonly token: () => Promise<string>;
}

/** ARM said no, or nothing (`status` 0). */
export class ArmRefused extends Error {
  override readonly name = 'ArmRefused';
  readonly status: number;
  readonly retryAfter: string | undefined;

  constructor(status: number, message: string, retryAfter?: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

const apiVersion = '2024-05-01';
/** Below the time that Headroom waits for us. */
const requestMs = 4_000;

export function namedValues(apim: ApiManagement): NamedValues {
  return {
    read: async (id) => {
      const answer = await send(apim, 'GET', id);
      if (answer.status === 404) return undefined;
      const { properties } = await jsonOf<{ properties: { tags?: readonly string[] } }>(answer);
      return { tags: properties.tags ?? [], etag: answer.headers.get('etag') ?? '*' };
    },
    value: async (id) => {
      const { value } = await jsonOf<{ value: string }>(
        await send(apim, 'POST', `${id}/listValue`),
      );
      return value;
    },
    replace: async (id, value, tags, etag) => {
      const body = JSON.stringify({ properties: { value, tags } });
      const answer = await send(apim, 'PATCH', id, { 'if-match': etag }, body);
      if (answer.status === 412) return 'changed';
      if (!answer.ok) throw await refused(answer);
      return 'replaced';
    },
  };
}

async function send(
  { endpoint, service, token }: ApiManagement,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | null = null,
): Promise<Response> {
  const authorization = `Bearer ${await token()}`;
  const all = { ...headers, authorization, 'content-type': 'application/json' };
  const url = `${endpoint}${service}/namedValues/${path}?api-version=${apiVersion}`;
  const signal = AbortSignal.timeout(requestMs);
  try {
    return await fetch(url, { method, headers: all, body, signal, redirect: 'error' });
  } catch (cause) {
    throw new ArmRefused(0, 'Azure Resource Manager does not answer.', undefined, cause);
  }
}

async function jsonOf<T>(answer: Response): Promise<T> {
  if (!answer.ok) throw await refused(answer);
  return (await answer.json()) as T;
}

async function refused(answer: Response): Promise<ArmRefused> {
  const text = (await answer.text()).slice(0, 300);
  const retryAfter = answer.headers.get('retry-after') ?? undefined;
  return new ArmRefused(answer.status, `Azure Resource Manager: ${text}`, retryAfter);
}
