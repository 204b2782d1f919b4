import { expect, test } from '@jest/globals';
import { AnswerWatch } from './answer-watch.ts';

function watched(text: string, cut: number, type = 'application/json'): AnswerWatch {
  const watch = new AnswerWatch(type);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += cut) watch.add(bytes.subarray(at, at + cut));
  return watch;
}

const padding = 'x'.repeat(100_000);
const chat = `{"choices":["${padding}"],"usage":{"prompt_tokens":7,"completion_tokens":9,"total_tokens":16}}`;

test.each([1_000, 16_383, 200_000])('usage ends a long answer, in parts of %d bytes', (cut) => {
  expect(watched(chat, cut).usage()).toEqual({ promptTokens: 7, completionTokens: 9 });
});

test('the Responses API counts input and output; embeddings have no completion', () => {
  const responses = '{"usage":{"input_tokens":3,"output_tokens":4}}';
  expect(watched(responses, 5).usage()).toEqual({ promptTokens: 3, completionTokens: 4 });
  const embeddings = '{"usage":{"prompt_tokens":3,"total_tokens":3}}';
  expect(watched(embeddings, 5).usage()).toEqual({ promptTokens: 3, completionTokens: 0 });
});

test.each([1, 2, 7, 1_000])('events of a stream are counted, in parts of %d bytes', (cut) => {
  const events = 'data: {"usage":null}\n\n'.repeat(5);
  const last = 'data: {"usage":{"prompt_tokens":2,"completion_tokens":5}}\n\ndata: [DONE]\n\n';
  const watch = watched(events + last, cut, 'text/event-stream; charset=utf-8');
  expect(watch.events).toBe(7);
  expect(watch.usage()).toEqual({ promptTokens: 2, completionTokens: 5 });
});

test('an answer without usage has none', () => {
  expect(watched('{"usage":null}', 4).usage()).toBeUndefined();
  expect(watched('"usage"', 4).usage()).toBeUndefined();
  expect(watched('', 4).usage()).toBeUndefined();
});
