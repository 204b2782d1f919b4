import type { AddressInfo } from 'node:net';
import rhea from 'rhea';
import type { Connection, EventContext, Message, Sender, Typed } from 'rhea';
import { cannedEvent, cannedMessage, large, partitions, small } from './payloads.ts';

/**
 * An AMQP server that keeps nothing: events and messages that it has made at its start, as many as are asked for; what is sent
 * to it is accepted and dropped. It knows as much of Event Hubs and Service Bus as their SDKs need to be content.
 */
const container = rhea.create_container({ id: 'nothing' });
(container.sasl_server_mechanisms as { enable_anonymous(): void }).enable_anonymous();
// One client at a time, whose session is to take what its credit allows.
const sessionBuffer = 65_536;
const creditWindow = 5_000;
const congestedBytes = 1024 * 1024;
/** Deliveries in one turn of the event loop. */
const turnLimit = 256;

interface Supply {
  readonly payload: Buffer;
  /** On one link: a client that ends its link in the middle of a flood is no measurement. */
  readonly count: number;
}

const events = new Map<string, Supply>([
  [small.hub, { payload: cannedEvent(1), count: small.events / partitions.length }],
  [large.hub, { payload: cannedEvent(100), count: large.events / partitions.length }],
]);
const messages: Supply = { payload: cannedMessage(), count: Infinity };

/** What rhea's types leave out. */
interface SenderParts extends Sender {
  readonly credit: number;
  readonly local: { readonly attach: { snd_settle_mode: number } };
  readonly session: Sender['session'] & {
    readonly outgoing: {
      readonly next_delivery_id: number;
      readonly next_pending_delivery: number;
    };
  };
  readonly connection: Connection & { readonly socket: { readonly writableLength: number } };
}

container.on('sender_open', (context: EventContext) => {
  const sender = context.sender as SenderParts;
  const address = sender.source.address;
  sender.set_source(sender.source);
  sender.set_target(sender.target);
  if (address === '$cbs') return;
  const [entity = ''] = address.split('/');
  const event = address.includes('/Partitions/') ? events.get(entity) : undefined;
  // As the embedded Azure does: an event needs no answer, a message is locked.
  sender.local.attach.snd_settle_mode = event === undefined ? 0 : 1;
  setImmediate(() => pump(sender, event ?? messages));
});

container.on('receiver_open', ({ receiver }: EventContext) => {
  receiver?.set_source(receiver.source);
  receiver?.set_target(receiver.target);
});

container.on('message', ({ receiver, message: request, connection }: EventContext) => {
  if (receiver?.target.address === '$cbs' && request !== undefined) grant(connection, request);
});

const outcomes = rhea.message as unknown as { accepted(): { described(): Typed } };
const accepted = outcomes.accepted();

/** A settlement is two frames: what the client wants, and that it was done. */
container.on('accepted', ({ delivery }: EventContext) => {
  delivery?.update(true, accepted.described());
});
for (const event of ['connection_error', 'session_error', 'sender_error', 'receiver_error']) {
  container.on(event, () => undefined);
}
container.on('disconnected', () => undefined);
container.on('error', () => undefined);

/** Every token is good. The answer goes to the link that the client named. */
function grant(connection: Connection, request: Message): void {
  const reply = connection.find_sender((sender: Sender) => sender.name === request.reply_to);
  reply?.send({
    ...{ body: '', correlation_id: request.message_id ?? '' },
    application_properties: { 'status-code': 202, 'status-description': 'OK' },
  });
}

/** Sends as much as there is credit, buffer and socket for, until the link ends. */
function pump(sender: SenderParts, { payload, count }: Supply): void {
  if (sender.is_closed() || !sender.connection.is_open()) return;
  const { session, connection } = sender;
  const queued = session.outgoing.next_delivery_id - session.outgoing.next_pending_delivery;
  const room = Math.min(sender.credit - queued, turnLimit, count);
  let sent = 0;
  while (sent < room && sender.sendable()) {
    if (connection.socket.writableLength > congestedBytes) break;
    sender.send(payload, tag(), 0);
    sent += 1;
  }
  const left = { payload, count: count - sent };
  // A loop that only looked would take the core away from the client that it waits for.
  if (sent > 0) setImmediate(() => pump(sender, left));
  else if (count > 0) setTimeout(() => pump(sender, left), 1);
}

/** A lock token: 16 bytes, each time others. */
let tags = 0;
function tag(): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(++tags, 12);
  return bytes;
}

const server = container.listen({
  ...{ host: '127.0.0.1', port: 0, max_frame_size: 65_536, tcp_no_delay: true },
  ...{
    session_buffer_size: sessionBuffer,
    receiver_options: { credit_window: creditWindow, max_message_size: 1024 * 1024 },
  },
});
server.on('listening', () => {
  const { port } = server.address() as AddressInfo;
  const key = 'SharedAccessKeyName=any;SharedAccessKey=YW55';
  console.log(`Endpoint=sb://127.0.0.1:${port};${key};UseDevelopmentEmulator=true;`);
});
