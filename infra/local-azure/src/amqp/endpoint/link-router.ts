import { AmqpError, entityNotFound, notSupported, toAmqpError, unauthorized } from '../errors.ts';
import type { EventHub } from '../event-hub/event-hub.ts';
import type { ReceiverLink } from '../protocol/receiver-link.ts';
import { MAX_CHECKS } from '../protocol/limits.ts';
import type { SenderLink } from '../protocol/sender-link.ts';
import { requireEntity } from '../service-bus/bus.ts';
import type { Bus } from '../service-bus/bus.ts';
import { answerBusRequest } from './bus-management.ts';
import { checkToken } from './cbs.ts';
import type { AmqpAccess, Claim } from './cbs.ts';
import { answerHubRequest } from './hub-management.ts';
import { errorReply, openReplyLink, openRequestLink } from './request-reply.ts';
import type { Reply } from './request-reply.ts';

export interface RouterServices {
  readonly hubs: ReadonlyMap<string, EventHub>;
  readonly bus: Bus;
  readonly access: AmqpAccess;
  readonly clock: () => number;
}

const CBS = '$cbs';
const MANAGEMENT = '$management';

/**
 * Decides, by its address, what a new link is for; refuses it with the reason when it may not be.
 */
export class LinkRouter {
  readonly #services: RouterServices;

  constructor(services: RouterServices) {
    this.#services = services;
  }

  onSenderLink(link: SenderLink): void {
    attempt(link, () => this.#routeSender(link));
  }

  onReceiverLink(link: ReceiverLink): void {
    attempt(link, () => this.#routeReceiver(link));
  }

  #routeSender(link: SenderLink): void {
    const path = pathOf(link.source.address);
    const last = path.at(-1)?.toLowerCase();
    if (last === CBS || last === MANAGEMENT) {
      openReplyLink(link);
      return;
    }
    this.#authorize(link, path);
    const hub = this.#services.hubs.get(path[0]?.toLowerCase() ?? '');
    if (hub === undefined) {
      const entity = requireEntity(this.#services.bus, path.join('/'));
      this.#services.bus.openReceiver(link, entity);
      return;
    }
    const [, groups, group, partitions, id] = path;
    const isReader = groups?.toLowerCase() === 'consumergroups';
    if (!isReader || partitions?.toLowerCase() !== 'partitions' || path.length !== 5) {
      throw entityNotFound(path.join('/'));
    }
    hub.openConsumer(link, group ?? '', id ?? '');
  }

  #routeReceiver(link: ReceiverLink): void {
    if (link.target.isCoordinator) throw notSupported('A transaction');
    const path = pathOf(link.target.address);
    const last = path.at(-1)?.toLowerCase();
    if (last === CBS) {
      this.#openCbs(link);
      return;
    }
    this.#authorize(link, path);
    if (last === MANAGEMENT) {
      this.#openManagement(link, path.slice(0, -1).join('/'));
      return;
    }
    const hub = this.#services.hubs.get(path[0]?.toLowerCase() ?? '');
    if (hub === undefined) {
      const entity = requireEntity(this.#services.bus, path.join('/'));
      this.#services.bus.openSender(link, entity);
      return;
    }
    const toPartition = path.length === 3 && path[1]?.toLowerCase() === 'partitions';
    if (path.length !== 1 && !toPartition) throw entityNotFound(path.join('/'));
    hub.openProducer(link, path[2]);
  }

  #openCbs(link: ReceiverLink): void {
    const { access, clock } = this.#services;
    const { claims } = link.connection;
    const put = ({ entity, untilMs }: Claim): Reply => {
      claims.put(entity, untilMs);
      return { status: 202, description: 'Accepted' };
    };
    openRequestLink(link, (request, respond) => {
      if (claims.checking >= MAX_CHECKS) throw tooManyChecks();
      claims.checking++;
      void checkToken(request, access, clock())
        .then(put)
        .catch(errorReply)
        .then((answer) => {
          claims.checking--;
          respond(answer);
        });
    });
  }

  /** Event Hubs has one $management for all hubs; in Service Bus every entity has its own. */
  #openManagement(link: ReceiverLink, owner: string): void {
    const { hubs, bus } = this.#services;
    if (owner === '' || hubs.has(owner.toLowerCase())) {
      openRequestLink(link, (request, respond) => respond(answerHubRequest(request, hubs)));
      return;
    }
    const entity = requireEntity(bus, owner);
    openRequestLink(link, (request, respond) => answerBusRequest(request, entity, respond));
  }

  #authorize(link: SenderLink | ReceiverLink, path: readonly string[]): void {
    const { claims } = link.connection;
    const entity = path.join('/');
    const now = this.#services.clock();
    // The address of the management of all hubs names none of them.
    const forAll = entity.toLowerCase() === MANAGEMENT;
    if (!(forAll ? claims.any(now) : claims.covers(entity, now))) {
      throw unauthorized(
        `No valid token for '${entity}' was put on this connection before the link.`,
      );
    }
    if (!forAll) claims.hold(link, entity);
  }
}

function tooManyChecks(): AmqpError {
  const message = `${MAX_CHECKS} tokens that were put on this connection are still being checked: wait for the answers.`;
  return new AmqpError('amqp:resource-limit-exceeded', message, 429);
}

function attempt(link: SenderLink | ReceiverLink, open: () => void): void {
  try {
    open();
  } catch (error) {
    link.refuse(toAmqpError(error));
  }
}

/** An address may come as a path or as a whole URL. */
function pathOf(address: string): string[] {
  return address
    .replace(/^(sb|amqps?):\/\/[^/]*/i, '')
    .split('/')
    .filter((part) => part !== '');
}
