import type {
  CapacityProjection,
  Clock,
  CommandQueue,
  DecisionTopic,
  LimitController,
  Log,
  OperationLedger,
  ScaleTarget,
  SettingStore,
  SignalLog,
} from '@headroom/ports';
import type { Instant, ScaleCommand } from '@headroom/core';

export interface ApplierPorts {
  readonly queue: CommandQueue;
  readonly ledger: OperationLedger;
  /** Resources whose capacity the provider holds. */
  readonly targets: ScaleTarget;
  /** Limits of AI services accounts, which the provider lets nobody set. */
  readonly limits: LimitController;
  readonly projection: CapacityProjection;
  /** Where a limit begins that nobody has set, and whom one fold sees together. */
  readonly settings: Pick<SettingStore, 'read'>;
  readonly topic: DecisionTopic;
  readonly signals: SignalLog;
  readonly clock: Clock;
  readonly log: Log;
}

/** One message's share of the work on a command. */
export interface Task {
  readonly command: ScaleCommand;
  /** The head that the command needs. Its target's own id where no kind of target knows it. */
  readonly key: string;
  readonly supported: boolean;
  /** 0 for the command itself, counting on with each continuation, so that every message has an id of its own. */
  readonly attempt: number;
  /** The open claim that was left alone for `openClaimMs` before this message came. */
  readonly waitedFor?: Instant;
}

export function taskOf(
  ports: ApplierPorts,
  command: ScaleCommand,
  attempt: number,
  waitedFor?: Instant,
): Task {
  const key = ports.targets.exclusionKey(command.target);
  return {
    command,
    key: key ?? command.target,
    supported: key !== undefined,
    attempt,
    ...(waitedFor === undefined ? {} : { waitedFor }),
  };
}
