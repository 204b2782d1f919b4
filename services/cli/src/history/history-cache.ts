import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, fileName } from './cache-names.ts';
import { idOf } from './known-setting.ts';
import { readJsonIfThere, writePrivate } from './private-files.ts';
import { SettingCache } from './setting-cache.ts';

/**
 * What was fetched of a subscription: a folder for each setting (see `SettingCache`), and for the subscription and each resource
 * group that was asked for the folders of the settings that it had then.
 */
export class HistoryCache {
  readonly folder: string;

  /** `folder`: of a subscription, as `cacheFolder` names it. */
  constructor(folder: string) {
    this.folder = folder;
  }

  static of(data: string, subscription: string): HistoryCache {
    return new HistoryCache(cacheFolder(data, subscription));
  }

  settingOf(id: string): SettingCache {
    return new SettingCache(join(this.folder, fileName(id)));
  }

  /** The settings of the subscription or a group, as they are now. */
  async keepSettings(documents: readonly unknown[], resourceGroup?: string): Promise<void> {
    const names: string[] = [];
    for (const document of documents) {
      const id = idOf(document, JSON.stringify(document));
      await this.settingOf(id).keepDocument(document);
      names.push(fileName(id));
    }
    await writePrivate(this.#listFile(resourceGroup), JSON.stringify(names));
  }

  /** `undefined`: nobody asked for them. The group's own list, or what the subscription's says of it. */
  async settings(resourceGroup?: string): Promise<readonly unknown[] | undefined> {
    const own = await this.#listed(resourceGroup);
    if (own !== undefined || resourceGroup === undefined) return own;
    const all = await this.#listed();
    const part = `/resourcegroups/${resourceGroup.toLowerCase()}/`;
    return all?.filter((document) => idOf(document, '').includes(part));
  }

  /** Of resources, by id. */
  async regions(): Promise<Map<string, string>> {
    const known = await readJsonIfThere(this.#regionsFile);
    if (typeof known !== 'object' || known === null) return new Map();
    const entries = Object.entries(known).filter((entry): entry is [string, string] => {
      return typeof entry[1] === 'string';
    });
    return new Map(entries);
  }

  keepRegions(regions: ReadonlyMap<string, string>): Promise<void> {
    return writePrivate(this.#regionsFile, JSON.stringify(Object.fromEntries(regions)));
  }

  /** Every setting of which anything was ever fetched. */
  async everySetting(): Promise<readonly unknown[]> {
    const entries = await readdir(this.folder, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return this.#documents(names.toSorted());
  }

  async #listed(resourceGroup?: string): Promise<readonly unknown[] | undefined> {
    const names = await readJsonIfThere(this.#listFile(resourceGroup));
    if (!Array.isArray(names)) return undefined;
    // What leads elsewhere is no name of a folder that was made here.
    return this.#documents(names.filter((name) => /^[a-z0-9][a-z0-9-]*$/.test(String(name))));
  }

  async #documents(names: readonly string[]): Promise<readonly unknown[]> {
    const found = names.map((name) => new SettingCache(join(this.folder, name)).document());
    return (await Promise.all(found)).filter((document) => document !== undefined);
  }

  get #regionsFile(): string {
    return join(this.folder, 'regions.json');
  }

  #listFile(resourceGroup: string | undefined): string {
    const name = resourceGroup === undefined ? 'all' : `of-${fileName(resourceGroup)}`;
    return join(this.folder, `settings-${name}.json`);
  }
}
