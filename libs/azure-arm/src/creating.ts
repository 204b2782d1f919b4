import { ProviderUnavailable } from '@headroom/ports';
import { classify } from './errors.ts';

/** How often the SDK looks at what it creates, where ARM names no pause. */
export const lookEveryMs = 50;

export async function exists(get: () => Promise<unknown>): Promise<boolean> {
  try {
    await get();
    return true;
  } catch (error) {
    const found = classify(error);
    if (found.kind === 'notFound') return false;
    throw found.kind === 'unavailable' ? found.error : error;
  }
}

/** Says of a failure what could not be created, and ARM's code and reason. */
export async function inWords(name: string, make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (error instanceof ProviderUnavailable) throw error;
    const found = classify(error);
    if (found.kind === 'unavailable') throw found.error;
    const code = found.kind === 'refused' ? `${found.code}: ` : '';
    throw new Error(`could not create ${name}. ${code}${found.detail}`, { cause: error });
  }
}
