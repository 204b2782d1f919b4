import type { JsonObject } from '../../json.ts';

export interface Kind {
  readonly name: string;
  readonly skus: readonly string[];
  /** Whether `properties.dynamicThrottlingEnabled` may be switched on. */
  readonly hasDynamicThrottling: boolean;
  readonly hasDeployments: boolean;
  /** Calls a second of each rule, by the rule's key and path. */
  readonly rules: readonly (readonly [key: string, path: string, perSecond: number])[];
}

const TEN_CALLS = [['default', '*', 10]] as const;

/** Microsoft's page names those whose limit Azure can raise; OpenAI, Speech and AIServices are not there. */
export const KINDS: readonly Kind[] = [
  kind('ComputerVision', ['F0', 'S1'], true, [
    ['vision.recognizeText', 'vision/recognizeText', 30],
    ['vision', 'vision/*', 15],
    ['default', '*', 20],
  ]),
  kind('TextAnalytics', ['F0', 'S'], true, [['default', '*', 1000]]),
  kind('FormRecognizer', ['F0', 'S0'], true, [['default', '*', 15]]),
  ...[
    'AnomalyDetector',
    'ContentModerator',
    'CustomVision.Prediction',
    'ImmersiveReader',
    'LUIS',
    'MetricsAdvisor',
    'Personalizer',
    'QnAMaker',
  ].map((name) => kind(name, ['F0', 'S0'], true, TEN_CALLS)),
  kind('SpeechServices', ['F0', 'S0'], false, TEN_CALLS),
  kind('Face', ['F0', 'S0'], false, TEN_CALLS),
  kind('TextTranslation', ['F0', 'S1'], false, TEN_CALLS),
  kind('OpenAI', ['S0'], false, [['openai', 'openai/*', 30]]),
  kind('AIServices', ['S0'], false, [['openai', 'openai/*', 30]]),
];

/** Calls that the free tier allows in thirty days. */
export const FREE_CALLS = 5000;

export function findKind(name: unknown): Kind | undefined {
  const wanted = typeof name === 'string' ? name.toLowerCase() : '';
  return KINDS.find((each) => each.name.toLowerCase() === wanted);
}

/** What Azure fills in: the limit of calls, which no client sets, and what the kind can do. */
export function derivedProperties(of: Kind, name: string): JsonObject {
  const rules = of.rules.map(([key, path, count]) => ({
    key,
    renewalPeriod: 1,
    count,
    dynamicThrottlingEnabled: of.hasDynamicThrottling,
    matchPatterns: [{ path, method: '*' }],
  }));
  const capabilities = of.hasDynamicThrottling ? [{ name: 'DynamicThrottling' }] : [];
  return {
    endpoint: `https://${name.toLowerCase()}.cognitiveservices.local/`,
    capabilities: [...capabilities, { name: 'VirtualNetworks' }],
    callRateLimit: { rules },
    isMigrated: false,
  };
}

function kind(
  name: string,
  skus: readonly string[],
  hasDynamicThrottling: boolean,
  rules: Kind['rules'],
): Kind {
  const hasDeployments = name === 'OpenAI' || name === 'AIServices';
  return { name, skus, hasDynamicThrottling, hasDeployments, rules };
}
