import type { Sqlite } from '../sqlite.ts';
import { cognitiveServices } from './cognitive-services/routes.ts';
import { ArmError } from './errors.ts';
import type { ArmControl } from './faults/control.ts';
import { controlRoute, createControl } from './faults/control.ts';
import { Faults } from './faults/faults.ts';
import { ActivityLog, failureOf } from './insights/activity-log.ts';
import { ActivityStore } from './insights/activity-store.ts';
import { autoscaleRoutes } from './insights/autoscale-settings.ts';
import { ingestionRoute } from './insights/ingestion.ts';
import { MetricStore } from './insights/metric-store.ts';
import { metricRoutes } from './insights/metrics.ts';
import { unsupportedRoutes } from './insights/unsupported.ts';
import { machineLearningRoutes } from './machine-learning/routes.ts';
import { OperationStore } from './operation-store.ts';
import { Operations } from './operations.ts';
import type { ArmRequest } from './request.ts';
import { resourceRoutes } from './resources/routes.ts';
import type { ArmAnswer, Route } from './router.ts';
import { answerAt, Router } from './router.ts';
import { ArmStore } from './store.ts';
import { operationNameOf } from './write-names.ts';

export interface AzureOptions {
  readonly sqlite: Sqlite;
  readonly clock: () => number;
  readonly provisioningMs: number;
  readonly quotaCores: number | undefined;
  readonly subscriptions: readonly string[];
  readonly pageSize: number;
}

/** Everything behind the edge: the routes, what they keep, and what tests do from behind. */
export class Azure {
  readonly control: ArmControl;
  readonly faults = new Faults();
  private readonly options: AzureOptions;
  private readonly store: ArmStore;
  private readonly operations: Operations;
  private readonly activityLog: ActivityLog;
  private readonly router: Router;
  private metricDelayMs = 0;

  constructor(options: AzureOptions) {
    const { sqlite, clock, provisioningMs } = options;
    this.options = options;
    this.store = new ArmStore(sqlite);
    this.activityLog = new ActivityLog(new ActivityStore(sqlite), clock);
    this.operations = new Operations({
      store: this.store,
      operations: new OperationStore(sqlite),
      clock,
      provisioningMs,
      takeFailure: (resourceId) => this.faults.takeFailure(resourceId),
      onSettled: (operation) => this.activityLog.settled(operation),
    });
    const metrics = new MetricStore(sqlite, clock);
    const { routes, quota } = cognitiveServices(this.store, this.operations, options.pageSize);
    this.control = createControl({
      faults: this.faults,
      metrics,
      activityLog: this.activityLog,
      quota,
      transact: (work) => sqlite.transact(work),
      setMetricDelay: (delayMs) => {
        this.metricDelayMs = delayMs;
      },
    });
    this.router = new Router([...this.ownRoutes(metrics), ...routes]);
  }

  /** Answers after everything that the answer speaks of is committed. */
  answer(request: ArmRequest): ArmAnswer {
    this.operations.settle();
    const found = this.router.find(request);
    const operationName = operationNameOf(found.route, request.method);
    if (operationName === undefined) return answerAt(found);
    const { id } = found.call;
    // The last word of a POST is what is done, `listKeys` for instance.
    const resourceId = request.method === 'POST' ? id.slice(0, id.lastIndexOf('/')) : id;
    return this.written(request, resourceId, operationName, () => answerAt(found));
  }

  /** Runs a write; what it did and its entries of the activity log are one transaction. */
  private written(
    request: ArmRequest,
    resourceId: string,
    operationName: string,
    write: () => ArmAnswer,
  ): ArmAnswer {
    const { caller, correlationId, method } = request;
    const timeMs = this.options.clock();
    const httpRequest = { method, clientRequestId: correlationId };
    const of = { timeMs, resourceId, operationName, caller, correlationId, httpRequest };
    try {
      return this.store.transact(() => {
        const answer = write();
        this.activityLog.add({ ...of, status: 'Started' }, answer.operationId);
        const status = answer.operationId === undefined ? 'Succeeded' : 'Accepted';
        this.activityLog.add({ ...of, status });
        return answer;
      });
    } catch (error) {
      if (error instanceof ArmError && error.status !== 405) {
        this.store.transact(() => {
          this.activityLog.add({ ...of, status: 'Started' });
          this.activityLog.add({ ...of, status: 'Failed', ...failureOf(error) });
        });
      }
      throw error;
    }
  }

  /** All but those of AI services. The ingestion door fits many paths, so it stands last. */
  private ownRoutes(metrics: MetricStore): readonly Route[] {
    const { store, operations, options } = this;
    const { clock, pageSize, quotaCores, subscriptions } = options;
    return [
      ...resourceRoutes({
        store,
        operations,
        subscriptions,
        pageSize,
        providers: () => this.router.providers(),
      }),
      ...machineLearningRoutes({ store, operations, quotaCores, pageSize }),
      ...autoscaleRoutes(store, pageSize),
      this.activityLog.route(pageSize),
      ...metricRoutes({ store, metrics, clock, delayMs: () => this.metricDelayMs }),
      ...unsupportedRoutes,
      controlRoute(this.control),
      ingestionRoute(metrics, clock),
    ];
  }
}
