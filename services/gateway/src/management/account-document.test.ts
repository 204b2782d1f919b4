import { describe, expect, test } from '@jest/globals';
import { askedSwitch, shownDocument, withSwitch } from './account-document.ts';

const document = {
  id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/vision',
  kind: 'ComputerVision',
  tags: { team: 'a' },
  properties: {
    callRateLimit: { rules: [{ key: 'read', count: 15, renewalPeriod: 1 }] },
    userOwnedStorage: null,
  },
};
const properties = (changes: object) => ({ properties: changes });
const rules = (...all: readonly object[]) => properties({ callRateLimit: { rules: all } });

describe('what a body asks of the switch', () => {
  test.each<[string, object, boolean | null | undefined]>([
    ['on', properties({ dynamicThrottlingEnabled: true }), true],
    ['off', properties({ dynamicThrottlingEnabled: false }), false],
    ['unset', properties({ dynamicThrottlingEnabled: null }), null],
    ['in another case', { Properties: { DynamicThrottlingEnabled: true } }, true],
    ['nothing', {}, undefined],
    ['nothing of it', document, undefined],
    [
      'beside all that is there',
      { ...document, ...properties({ ...document.properties, dynamicThrottlingEnabled: true }) },
      true,
    ],
    [
      'beside members in another case',
      { ID: document.id.toUpperCase(), Kind: 'computervision', TAGS: { Team: 'a' } },
      undefined,
    ],
    ['beside what Azure writes', { etag: '"1"', systemData: { createdBy: 'x' } }, undefined],
    [
      'beside null for what is not there',
      { identity: null, ...properties({ userOwnedStorage: null, x: null }) },
      undefined,
    ],
    ['beside the same rules', rules({ Key: 'read', count: 15 }), undefined],
  ])('%s', (_what, body, asked) => {
    expect(askedSwitch({ ...body }, document)).toEqual({ ok: true, value: asked });
  });

  test.each<[string, object]>([
    ['kind', { kind: 'Face' }],
    ['id', { id: `${document.id}2` }],
    ['tags', { tags: null }],
    ['tags.team', { tags: { team: 'A' } }],
    ['tags.more', { tags: { more: 'a' } }],
    ['identity', { identity: {} }],
    ['properties', { properties: null }],
    ['properties', { properties: [] }],
    ['properties.callRateLimit.rules[0].count', rules({ key: 'read', count: 16 })],
    ['properties.callRateLimit.rules', rules()],
    ['properties.callRateLimit.rules', rules({ key: 'read' }, { key: 'more' })],
    ['properties.dynamicThrottlingEnabled', properties({ dynamicThrottlingEnabled: 'true' })],
    [
      'properties.DynamicThrottlingEnabled',
      properties({ dynamicThrottlingEnabled: true, DynamicThrottlingEnabled: false }),
    ],
    ['__proto__', JSON.parse('{"__proto__": {"kind": "Face"}}') as object],
    ['properties.dynamicThrottlingEnabled', properties({ dynamicThrottlingEnabled: {} })],
  ])('%s cannot be changed: %j', (field, body) => {
    expect(askedSwitch({ ...body }, document)).toMatchObject({ ok: false, error: [{ field }] });
  });

  test('of many problems some are told', () => {
    const body = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`x${index}`, 1]));
    const asked = askedSwitch(body, document);
    expect(!asked.ok && asked.error).toHaveLength(10);
  });

  test('a body is looked at no deeper than the document', () => {
    const deep = JSON.parse('[{"a":'.repeat(20_000) + '1' + '}]'.repeat(20_000)) as unknown;
    expect(askedSwitch({ tags: deep }, document)).toMatchObject({ error: [{ field: 'tags' }] });
  });

  test('an account without properties has its switch there', () => {
    const bare = { id: document.id };
    const asked = askedSwitch(properties({ dynamicThrottlingEnabled: true }), bare);
    expect(asked).toEqual({ ok: true, value: true });
    expect(withSwitch(bare, true)).toEqual({
      ...bare,
      ...properties({ dynamicThrottlingEnabled: true }),
    });
    expect(askedSwitch(properties({ other: 1 }), bare)).toMatchObject({ ok: false });
  });
});

test('what is shown is the document, with the switch in force and its version', () => {
  expect(shownDocument({ ...document, Etag: '"azure"' }, false, '"3"')).toEqual({
    ...document,
    etag: '"3"',
    properties: { ...document.properties, dynamicThrottlingEnabled: false },
  });
});

test('one switch is written, however it was spelt', () => {
  const spelt = { Properties: { DYNAMICTHROTTLINGENABLED: false, endpoint: 'x' } };
  expect(withSwitch(spelt, true)).toEqual({
    Properties: { endpoint: 'x', dynamicThrottlingEnabled: true },
  });
});
