import { describe, expect, test } from '@jest/globals';
import { foreign, markup } from './markup.ts';

describe('what is put into a template', () => {
  test.each([
    ['<script>', '&lt;script&gt;'],
    ['a "b" \'c\'', 'a &quot;b&quot; &#39;c&#39;'],
    ['&amp;', '&amp;amp;'],
    ['\u202Eexe.txt\u2066', '\\u202eexe.txt\\u2066'],
    ['a\u0000b', 'a\\u0000b'],
    ['\u200Fa', '\\u200fa'],
    ['größer', 'größer'],
  ])('%j is written as %s', (text, written) => {
    expect(markup`<p title="${text}">${text}</p>`.markup).toBe(
      `<p title="${written}">${written}</p>`,
    );
  });

  test('markup is taken as it is, lists one after the other, nothing as nothing', () => {
    const items = ['a', '<b>'].map((text) => markup`<li>${text}</li>`);
    expect(markup`<ul>${items}${undefined}${[1, [2]]}</ul>`.markup).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li>12</ul>',
    );
  });

  test('what others wrote is set apart from what it stands in', () => {
    expect(markup`scales ${foreign('<x>')}`.markup).toBe('scales <bdi>&lt;x&gt;</bdi>');
  });
});
