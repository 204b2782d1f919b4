import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { activityEntry } from './activity-entry.ts';
import { autoscaleEvents } from './autoscale-events.ts';

const setting =
  '/subscriptions/s/resourceGroups/rg/providers/microsoft.insights/autoscalesettings/Cpu';
const good = {
  category: { value: 'Autoscale', localizedValue: 'Automatische Skalierung' },
  operationName: { value: 'Microsoft.Insights/AutoscaleSettings/Scaleup/Action' },
  resourceId: setting,
  eventTimestamp: '2026-11-28T09:30:00.1234567Z',
  status: { value: 'Succeeded', localizedValue: 'Erfolgreich' },
  correlationId: 'run',
};

test('an entry is read by its values, not by what they are called in a language', () => {
  expect(activityEntry(good)).toMatchObject({
    ...{ setting: setting.toLowerCase(), operation: 'scaleup', status: 'succeeded' },
    at: Date.parse('2026-11-28T09:30:00.123Z'),
  });
});

test('the id of the entry says of which setting it is, where the entry is about the target', () => {
  const ofTarget = { ...good, resourceId: '/subscriptions/s/x', id: `${setting}/events/e/ticks/1` };
  expect(activityEntry(ofTarget)?.setting).toBe(setting.toLowerCase());
});

test.each([
  ['another category', { category: 'Alert', operationName: 'x' }],
  ['another resource', { resourceId: '/subscriptions/s' }],
  ['no time', { eventTimestamp: 'yesterday' }],
])('with %s it is about something else', (_, more) => {
  expect(activityEntry({ ...good, ...more })).toBeUndefined();
});

test('whatever stands in an entry, it is read or passed over', () => {
  const members = Object.fromEntries(
    [...Object.keys(good), 'properties', 'description', 'eventName'].map((name) => [
      name,
      fc.oneof(fc.anything(), fc.constant((good as Record<string, unknown>)[name])),
    ]),
  );
  fc.assert(
    fc.property(fc.record(members, { requiredKeys: [] }), (raw) => {
      const entry = activityEntry(raw);
      if (entry !== undefined) autoscaleEvents([entry]);
    }),
  );
});
