/** Name, unit, aggregations with the primary one first, dimensions. */
type Row = readonly [name: string, unit: string, aggregations: string, dimensions: string];

const GAUGE = 'Average Minimum Maximum';
const CALLS = 'ApiName OperationName Region RatelimitKey';
const TOKENS = 'ApiName ModelDeploymentName FeatureName UsageChannel Region ModelVersion';
const REQUESTS = `${TOKENS} OperationName StatusCode StreamType IsSpillover`;

const latency = (name: string, dimensions: string): Row => [
  name,
  'MilliSeconds',
  'Average',
  dimensions,
];
const utilization = (name: string, dimensions = 'instanceId'): Row => [
  name,
  'Percent',
  GAUGE,
  dimensions,
];
const calls = (name: string): Row => [name, 'Count', 'Total', CALLS];

const PERCENTILES = [
  'RequestLatency_P50',
  'RequestLatency_P90',
  'RequestLatency_P95',
  'RequestLatency_P99',
];

/** From Microsoft's lists of supported metrics, of the types that are served here. */
export const PLATFORM_METRICS: Readonly<Record<string, readonly Row[]>> = {
  'Microsoft.MachineLearningServices/workspaces/onlineEndpoints': [
    [
      'RequestsPerMinute',
      'Count',
      'Average',
      'deployment statusCode statusCodeClass modelStatusCode',
    ],
    latency('RequestLatency', 'deployment'),
    ...PERCENTILES.map((name) => latency(name, 'deployment')),
    ['ConnectionsActive', 'Count', 'Average', ''],
    ['NewConnectionsPerSecond', 'CountPerSecond', 'Average', ''],
    ['NetworkBytes', 'BytesPerSecond', 'Average', ''],
    ['DataCollectionErrorsPerMinute', 'Count', GAUGE, 'deployment reason type'],
    ['DataCollectionEventsPerMinute', 'Count', GAUGE, 'deployment type'],
  ],
  'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments': [
    utilization('CpuUtilizationPercentage'),
    utilization('CpuMemoryUtilizationPercentage'),
    utilization('DiskUtilization', 'instanceId disk'),
    utilization('GpuUtilizationPercentage'),
    utilization('GpuMemoryUtilizationPercentage'),
    ['GpuEnergyJoules', 'Count', GAUGE, 'instanceId'],
    ['DeploymentCapacity', 'Count', GAUGE, 'instanceId State'],
    ...PERCENTILES.map((name) => latency(name, '')),
    ['RequestsPerMinute', 'Count', 'Average', 'envoy_response_code'],
    ['DataCollectionErrorsPerMinute', 'Count', GAUGE, 'instanceId reason type'],
    ['DataCollectionEventsPerMinute', 'Count', GAUGE, 'instanceId type'],
  ],
  'Microsoft.CognitiveServices/accounts': [
    calls('TotalCalls'),
    calls('SuccessfulCalls'),
    calls('TotalErrors'),
    calls('BlockedCalls'),
    calls('ServerErrors'),
    calls('ClientErrors'),
    ['Ratelimit', 'Count', 'Total', 'Region RatelimitKey'],
    latency('Latency', CALLS),
    ['SuccessRate', 'Percent', GAUGE, CALLS],
    ['DataIn', 'Bytes', 'Total', 'ApiName OperationName Region'],
    ['DataOut', 'Bytes', 'Total', 'ApiName OperationName Region'],
    ['TotalTokenCalls', 'Count', 'Total', 'ApiName OperationName Region'],
    ['AzureOpenAIRequests', 'Count', 'Total', REQUESTS],
    ['TokenTransaction', 'Count', 'Total', TOKENS],
    ['ProcessedPromptTokens', 'Count', 'Total', TOKENS],
    ['GeneratedTokens', 'Count', 'Total', TOKENS],
    ['ActiveTokens', 'Count', 'Total', TOKENS],
    [
      'AzureOpenAIProvisionedManagedUtilizationV2',
      'Percent',
      GAUGE,
      'Region StreamType ModelDeploymentName',
    ],
  ],
  'Microsoft.Insights/autoscaleSettings': [
    ['ObservedMetricValue', 'Count', GAUGE, 'MetricTriggerSource'],
    ['MetricThreshold', 'Count', GAUGE, 'MetricTriggerRule'],
    ['ObservedCapacity', 'Count', GAUGE, ''],
    ['ScaleActionsInitiated', 'Count', 'Total', 'MetricTriggerSource ScaleDirection'],
  ],
};
