import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntities } from '../../src/stages/entities.ts';
import { htmlToText } from '../../src/stages/html-to-text.ts';

describe('htmlToText', () => {
  it.each([
    ['<p>One</p><p>Two</p>', '\nOne\n\nTwo\n'],
    ['a<br>b<BR/>c', 'a\nb\nc'],
    ['<ul><li>x</li><li>y</li></ul>', '\n\n- x\n- y\n'],
    ['<b>bold</b> and <a href="x">link</a>', 'bold and link'],
    ['<table><tr><td>a</td><td>b</td></tr></table>', '\n\n a  b \n\n'],
    ['a<script>if (a < b) alert("</p>")</script>b', 'ab'],
    ['a<style>p > a {}</style >b<script>open', 'ab'],
    ['a<!-- <p>hidden --> b<!doctype html>c<?xml x?>d<!-- open', 'a bcd'],
    ['<a title="1 > 0" class=\'>\'>x</a>', 'x'],
    ['1 < 2 and 3<4', '1 < 2 and 3<4'],
    ['<b class=x', ''],
    ['plain & simple', 'plain & simple'],
    ['', ''],
  ])('%j → %j', (html, text) => {
    expect(htmlToText(html)).toBe(text);
  });

  it('answers for any text, and quickly for hostile ones', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => typeof htmlToText(text) === 'string'),
      { seed: 3 },
    );
    const startedMs = performance.now();
    for (const piece of ['<', '<p ', '<!--', '&#', '<a b="', '<script>', '</']) htmlToText(piece.repeat(200_000));
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});

describe('decodeEntities', () => {
  it.each([
    ['&amp;lt;', '&lt;'],
    ['&#8364;&#x20AC;&euro;', '€€€'],
    ['&nbsp;|&shy;|', ' ||'],
    ['&unknown; &amp &constructor;', '&unknown; &amp &constructor;'],
    ['&#150;&#0;&#xD800;&#1114112;', '–\ufffd\ufffd\ufffd'],
    ['AT&T; &#;', 'AT&T; &#;'],
  ])('%j → %j', (written, text) => {
    expect(decodeEntities(written)).toBe(text);
  });
});
