import { join } from 'node:path';
import { idOf } from '@headroom/core';

/** Where what was fetched of a subscription is kept: in a folder of its id. */
export function cacheFolder(data: string, subscription: string): string {
  const id = subscription.toLowerCase();
  return join(data, 'assess', isPlain.test(id) ? id : fileName(id));
}

/** An id of a subscription is; what else is given as one gets a name like a setting. */
const isPlain = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Longest part of a name that is kept for people to find it. */
const lengthMax = 40;

/**
 * A name of a file for an id of Azure's, which anybody who may create a resource chooses: the end of the id, as far as it
 * is letters and digits, and a hash of the whole. It begins with a letter or digit, so it leads to no other folder.
 */
export function fileName(id: string): string {
  const name = id.toLowerCase().split('/').at(-1) ?? '';
  const readable = name.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return `${readable.slice(0, lengthMax) || 'x'}-${idOf(id.toLowerCase()).slice(0, 12)}`;
}
