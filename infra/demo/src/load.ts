import { spread } from '@headroom/core';

/** What the instances of a deployment feel of its traffic. */
export interface Load {
  readonly requestsPerS: number;
  readonly instances: number;
  /** Mean over the instances, 0 to 100. */
  readonly cpuPercent: number;
  /** Mean over the requests. */
  readonly latencyMs: number;
}

/** Requests a second that keep one instance busy all the time. */
const instanceRequestsPerS = 10;
/** Time a request takes on an idle instance. */
const serviceMs = 120;
/** CPU of an instance without requests, percent. */
const idleCpuPercent = 3;
/** Beyond this share of its capacity an instance sheds requests instead of queueing them. */
const utilisationMax = 0.97;
/** Instances never share work quite evenly: each differs from the mean by up to this share. */
const unevenness = 0.05;

/**
 * CPU and latency follow requests per ready instance. Latency is that of a queue with one server, S / (1 − ρ): flat
 * while there is room, steep near the limit, so that a rule on it says something that CPU does not.
 */
export function loadOf(requestsPerS: number, instances: number): Load {
  const demand = requestsPerS / (Math.max(1, instances) * instanceRequestsPerS);
  const utilisation = Math.min(demand, utilisationMax);
  return {
    requestsPerS,
    instances,
    cpuPercent: idleCpuPercent + (100 - idleCpuPercent) * Math.min(1, demand),
    latencyMs: serviceMs / (1 - utilisation),
  };
}

/** CPU of one instance in the grain with this number. The same arguments give the same value. */
export function instanceCpuPercent(load: Load, instance: number, grain: number): number {
  const lean = spread(`${String(instance)}/${String(grain)}`) / 0xffffffff;
  return Math.min(100, load.cpuPercent * (1 + unevenness * (2 * lean - 1)));
}
