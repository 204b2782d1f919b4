/** What one client may ask of the server: past these it is refused, or its connection is closed. */

/** The largest message, as in Event Hubs and in Service Bus' premium default. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Ours, told at open. A client's own may be anything from `MIN_MAX_FRAME_BYTES`. */
export const MAX_FRAME_BYTES = 1024 * 1024;
export const MIN_MAX_FRAME_BYTES = 512;
/** Azure's: the SDKs take a session for every link. */
export const MAX_CHANNEL = 4999;
/** Azure's. */
export const MAX_HANDLE = 255;
export const MAX_LINKS_PER_CONNECTION = 5000;
/** A client needs two, to $cbs, before it has put a token; some take a pair for each thing. */
export const MAX_LINKS_BEFORE_TOKEN = 16;
/** A connection that has put no token by then is closed, as in Azure. */
export const PUT_TOKEN_WITHIN_MS = 60_000;
/** Tokens of a connection that are checked at a time: a client puts one for each link, and waits. */
export const MAX_CHECKS = 1000;
/** A closed connection whose client neither reads nor ends it is cut off by then. */
export const CLOSE_WITHIN_MS = 5000;
/** Of messages that came in part, on all links of a connection together. */
export const MAX_PARTIAL_BYTES = 32 * 1024 * 1024;
/**
 * Above this many unsent bytes no more messages are put on the socket: SDK credit grows without
 * end.
 */
export const HIGH_WATER_BYTES = 2 * 1024 * 1024;
/** Above this many, answers that is, the client is not listened to until it reads. */
export const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
/** A frame in more pieces than this is put together on the way, so that pieces cost little. */
export const MAX_PIECES = 256;
/** Deeper nesting than this is an attack or a bug: no message of the SDKs comes near it. */
export const MAX_DEPTH = 32;
/** Array elements without bytes of their own would let four bytes ask for millions of values. */
export const MAX_EMPTY_ELEMENTS = 4096;
