/**
 * Metrics of an account as the gateway sends them, every second: Azure's names and dimensions, where Azure has one.
 * `RatelimitKey` is the rule's key. Resource: the account's ARM id.
 */
export const limitMetrics = {
  /** Calls that came. */
  totalCalls: 'TotalCalls',
  /** Calls that the backend answered with 2xx or 3xx: what is billed. */
  successfulCalls: 'SuccessfulCalls',
  /** Calls that were refused for a limit, by `BlockedBy`. */
  blockedCalls: 'BlockedCalls',
  /** The limit in force at this instance, calls a second. */
  ratelimit: 'Ratelimit',
  /** From the request to the end of the backend's answer, ms. */
  latency: 'Latency',
  /** Calls of the busiest callers, by `Caller`. */
  callerCalls: 'CallerCalls',
  /** What calls cost, millionths of the currency's unit. */
  spend: 'Spend',
  /** Tokens of a model deployment, by `ModelDeploymentName`: prompt and completion. */
  tokens: 'TokenTransaction',
  /** Calls of a model deployment, by `ModelDeploymentName` and `StatusCode`. */
  modelRequests: 'AzureOpenAIRequests',
} as const;

export const limitDimensions = {
  key: 'RatelimitKey',
  blockedBy: 'BlockedBy',
  caller: 'Caller',
  deployment: 'ModelDeploymentName',
  statusCode: 'StatusCode',
  /** Of the gateway: each tells its own calls, and what is counted of a limit is their sum. */
  instance: 'Instance',
} as const;

/**
 * Why a call was refused: 429, unless it says otherwise. Only `Rate` and `Tokens` raise a limit. A `BlockedCalls` record that
 * does not say (Azure's own, of what stands behind the gateway) raises nothing.
 */
export const blockedByValues = [
  'Rate',
  'Tokens',
  /** One caller above its share. */
  'Caller',
  /** A GET that asks for a result. */
  'Polling',
  /** The quota of a month, or `Retry-After` of hours. */
  'Quota',
  /** The backend is at its peak. */
  'Backend',
  /** A cap in money. */
  'Spend',
  /** The instance does not know its share: the store by which limits are shared is away for longer than a lease. Answered 503. */
  'Away',
  /** The call alone asks for more than the whole limit or cap, and will never pass. Answered 400. */
  'TooLarge',
] as const;
export type BlockedBy = (typeof blockedByValues)[number];
