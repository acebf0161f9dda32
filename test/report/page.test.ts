/** The report's page: it needs nothing from outside, obeys nothing that a model wrote, and says what the statistics say. */

import { createHash } from 'node:crypto';
import { appendFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { DOMParser, parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRun, writeReport, type RunRecords } from '../../benchmarks/report/index.js';
import { outcomes, summariseScores, type ScoreRecord } from '../../benchmarks/scoring/index.js';
import { clusteredProportionInterval, holm, mcNemarExact, wilson } from '../../benchmarks/statistics/index.js';
import { hostileReplies, writeSmallRun, type SmallRunOptions } from './small-run.js';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function report(options: SmallRunOptions = {}, change?: (folder: string) => Promise<void>) {
  const folder = await writeSmallRun(options);
  folders.push(folder);
  await change?.(folder);
  const run = await readRun(folder);
  const written = await writeReport(run, folder, { version: '1.2.3' });
  const html = await readFile(written.files.html, 'utf8');
  return { folder, run, written, html, document: parseHTML(html).document };
}

/** Every attribute on the page that a browser could follow or run. */
function attributes(document: Document): { tag: string; name: string; value: string }[] {
  return [...document.querySelectorAll('*')].flatMap((element) =>
    [...element.attributes].map(({ name, value }) => ({ tag: element.localName, name, value })),
  );
}

function textOf(element: Element | null): string {
  return (element?.textContent ?? '').replaceAll('\u00a0', ' ');
}

describe('the page', () => {
  let made: Awaited<ReturnType<typeof report>>;
  beforeAll(async () => {
    made = await report();
  });

  it('asks for nothing from outside', () => {
    expect(made.html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:\/\/|\/\/[a-z]+\.|@import|url\(/i,
    );
    const followed = attributes(made.document).filter(({ name }) =>
      ['src', 'href', 'xlink:href', 'srcset', 'action', 'data', 'poster', 'formaction'].includes(name),
    );
    expect(followed.length).toBeGreaterThan(10);
    for (const { value } of followed) expect(value).toMatch(/^(?:data:|#[a-z]+$)/);
  });

  it('lets only its own script run, by digest', () => {
    const [script, another] = [...made.document.querySelectorAll('script')];
    expect(another).toBeUndefined();
    const body = /<script>([\s\S]*?)<\/script>/.exec(made.html)?.[1] ?? '';
    expect(body).toBe(script?.textContent);
    const policy = made.document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content');
    const digest = createHash('sha256').update(body).digest('base64');
    expect(policy).toBe(
      `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
    );
    expect(() => new Script(body)).not.toThrow();
  });

  it('has its parts in the order in which they are read', () => {
    const ids = [...made.document.querySelectorAll('main > [id]')].map(({ id }) => id);
    expect(ids).toEqual(['verdict', 'ranking', 'outcomes', 'anatomy', 'difficulty', 'pairs', 'samples']);
  });

  it('links to each of its parts', () => {
    const targets = [...made.document.querySelectorAll('nav a')].map((link) => link.getAttribute('href'));
    expect(targets).toEqual(['#ranking', '#outcomes', '#anatomy', '#difficulty', '#pairs', '#samples']);
  });

  it('draws every chart for wide and for narrow screens, with a name for those who do not see it', () => {
    const wide = made.document.querySelectorAll('.chart.wide svg[aria-label]').length;
    expect(wide).toBeGreaterThan(15);
    expect(made.document.querySelectorAll('.chart.narrow svg[aria-label]').length).toBe(wide);
    expect(made.html).not.toMatch(/NaN|undefined|\[object/);
  });

  it('draws boxes on the picture, in its pixels', () => {
    const boxes = made.document.querySelector('.sample svg.boxes');
    expect(boxes?.getAttribute('viewBox')).toBe('0 0 320 240');
    const [evidence, other] = [...(boxes?.querySelectorAll('rect') ?? [])];
    expect(evidence?.getAttribute('class')).toBe('evidence');
    expect(['x', 'y', 'width', 'height'].map((name) => evidence?.getAttribute(name))).toEqual(['20', '30', '60', '50']);
    expect(other?.getAttribute('class')).toBe('other');
  });

  it('can be walked through by keyboard, and marks what failed', () => {
    const cards = [...made.document.querySelectorAll('.sample')];
    expect(cards).toHaveLength(120);
    expect(cards.every((card) => card.getAttribute('tabindex') === '0')).toBe(true);
    for (const card of cards) {
      const badges = [...card.querySelectorAll('.answer')]
        .filter((answer) => !textOf(answer.querySelector('.who')).startsWith('baseline:'))
        .map((answer) => textOf(answer.querySelector('.badge')));
      expect(card.getAttribute('data-failed')).toBe(badges.every((badge) => badge === 'correct') ? 'no' : 'yes');
    }
  });
});

describe('the numbers', () => {
  let made: Awaited<ReturnType<typeof report>>;
  let ofSuite: (suite: string, model: string) => ScoreRecord[];
  beforeAll(async () => {
    made = await report();
    ofSuite = (suite, model) => made.run.scores.filter((score) => score.suite === suite && score.model === model);
  });
  const asked = (scores: readonly ScoreRecord[]): ScoreRecord[] =>
    scores.filter(({ outcome }) => outcome !== 'provider-error' && outcome !== 'budget-skipped');
  const one = (share: number): string => (share * 100).toFixed(1);

  /** The table of outcomes under the heading of a suite. */
  function outcomeRow(suite: string, model: string): string[] {
    const heading = [...made.document.querySelectorAll('#outcomes h3')].find((title) => textOf(title) === suite);
    const table = heading?.nextElementSibling?.nextElementSibling;
    const row = [...(table?.querySelectorAll('tbody tr') ?? [])].find(
      (line) => textOf(line.firstElementChild) === model,
    );
    return [...(row?.children ?? [])].map(textOf);
  }

  it('of one wording are Wilson intervals', () => {
    const scores = asked(ofSuite('spatial', 'openai:gpt-4o'));
    const right = scores.filter(({ outcome }) => outcome === 'correct').length;
    const { estimate, lower, upper } = wilson(right, scores.length);
    expect(outcomeRow('spatial', 'openai:gpt-4o')).toContain(`${one(estimate)}% (${one(lower)}–${one(upper)})`);
  });

  it('of two wordings a picture are clustered intervals', () => {
    const scores = asked(ofSuite('counting', 'openai:gpt-4o'));
    const { estimate, lower, upper } = clusteredProportionInterval(
      scores.map(({ outcome }) => Number(outcome === 'correct')),
      scores.map(({ cluster }) => cluster),
    );
    expect(outcomeRow('counting', 'openai:gpt-4o')).toContain(`${one(estimate)}% (${one(lower)}–${one(upper)})`);
  });

  it('of a pair are exact McNemar, corrected by Holm over all fair comparisons', () => {
    const fair = ['google:gemini-2.5-flash', 'openai:gpt-4o', 'baseline:majority'];
    const family = made.written.analysis.suites.flatMap(({ overall }) =>
      overall.filter(({ baseline, candidate }) => fair.includes(baseline) && fair.includes(candidate)),
    );
    expect(family).toHaveLength(12);
    expect(family.map(({ holm: adjusted }) => adjusted)).toEqual(holm(family.map(({ p }) => p)));
    const pair = family.find(
      ({ suite, baseline, candidate }) =>
        suite === 'spatial' && baseline === 'openai:gpt-4o' && candidate === 'google:gemini-2.5-flash',
    );
    const right = (model: string): Map<string, boolean> =>
      new Map(asked(ofSuite('spatial', model)).map(({ itemId, outcome }) => [itemId, outcome === 'correct']));
    const [before, after] = [right('openai:gpt-4o'), right('google:gemini-2.5-flash')];
    const both = [...before].filter(([id]) => after.has(id));
    const baselineOnly = both.filter(([id, correct]) => correct && after.get(id) === false).length;
    const candidateOnly = both.filter(([id, correct]) => !correct && after.get(id) === true).length;
    expect(pair).toMatchObject({ n: both.length, test: 'mcnemar', counts: { baselineOnly, candidateOnly } });
    expect(pair?.p).toBe(mcNemarExact({ baselineOnly, candidateOnly }));
    const cell = [...made.document.querySelectorAll('#pairs .matrix td')]
      .map(textOf)
      .filter((text) => text.includes(`n = ${both.length}`));
    expect(cell.some((text) => text.startsWith(`+${one((candidateOnly - baselineOnly) / both.length)}`))).toBe(true);
  });

  it('are the same in report.json', async () => {
    const json = JSON.parse(await readFile(made.written.files.json, 'utf8')) as {
      version: number;
      suites: { suite: string; models: { model: string; summary: unknown }[] }[];
    };
    expect(json.version).toBe(1);
    const counting = json.suites.find(({ suite }) => suite === 'counting');
    const stored = counting?.models.find(({ model }) => model === 'openai:gpt-4o')?.summary;
    expect(stored).toEqual(JSON.parse(JSON.stringify(summariseScores(ofSuite('counting', 'openai:gpt-4o')))));
  });

  it('of a model that was trained on the suite bear a dagger and are in no verdict', () => {
    expect(textOf(made.document.querySelector('#outcomes'))).toContain('local:tiny†');
    const verdicts = [...made.document.querySelectorAll('#verdict .verdict')].map(textOf);
    expect(verdicts.length).toBeGreaterThan(3);
    for (const verdict of verdicts) expect(verdict).not.toContain('local:tiny');
    expect(textOf(made.document.querySelector('#verdict .remark'))).toContain('† local:tiny was trained on pictures');
  });

  it('are in JUnit, one case a question', async () => {
    const xml = new DOMParser().parseFromString(await readFile(made.written.files.junit, 'utf8'), 'text/xml');
    const count = (outcome: string): number => made.run.scores.filter((score) => score.outcome === outcome).length;
    expect(xml.querySelectorAll('testcase')).toHaveLength(made.run.scores.length);
    expect(xml.querySelectorAll('error')).toHaveLength(count('provider-error'));
    const failures = outcomes.filter((name) => !['correct', 'provider-error', 'budget-skipped'].includes(name));
    expect(xml.querySelectorAll('failure')).toHaveLength(failures.reduce((sum, name) => sum + count(name), 0));
    expect(xml.querySelector('testsuites')?.getAttribute('tests')).toBe(String(made.run.scores.length));
  });
});

describe('replies that attack the reader', () => {
  let made: Awaited<ReturnType<typeof report>>;
  beforeAll(async () => {
    made = await report({ hostile: true });
  });

  it('are shown as text and add no element to the page', () => {
    const quoted = [...made.document.querySelectorAll('blockquote')].map(textOf);
    expect(quoted).toContain(hostileReplies[0]);
    expect(made.document.querySelectorAll('script')).toHaveLength(1);
    expect(made.document.querySelectorAll('main')).toHaveLength(1);
    expect(made.document.querySelectorAll('blockquote *')).toHaveLength(0);
    const dangerous = attributes(made.document).filter(
      ({ name, value }) =>
        name.startsWith('on') || (['src', 'href'].includes(name) && !/^(?:data:|#[a-z]+$)/.test(value)),
    );
    expect(dangerous).toEqual([]);
  });

  it('cannot steer a terminal or turn the reading direction', async () => {
    for (const file of Object.values(made.written.files)) {
      const text = await readFile(file, 'utf8');
      // oxlint-disable-next-line no-control-regex
      expect(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.exec(text)).toBeNull();
    }
    expect([...made.document.querySelectorAll('blockquote')].map(textOf).some((text) => text.includes('␛[31m'))).toBe(
      true,
    );
  });

  it('leave the XML well-formed', async () => {
    const text = await readFile(made.written.files.junit, 'utf8');
    expect(/&(?!(?:amp|lt|gt|quot|#39);)|\p{Surrogate}|[\ufffe\uffff]/u.exec(text)).toBeNull();
    expect(
      text
        .match(/<[^>]*>/g)
        ?.every((tag) => /^<(?:\?xml|\/?(?:testsuites?|testcase|failure|error|skipped)\b)/.test(tag)),
    ).toBe(true);
  });

  it('of a megabyte are cut, and the page says by how much', async () => {
    const { html } = await report({ items: 4 }, async (folder) => {
      const path = join(folder, 'responses.jsonl');
      const [first = '', ...rest] = (await readFile(path, 'utf8')).split('\n');
      await writeFile(
        path,
        [JSON.stringify({ ...JSON.parse(first), text: 'x'.repeat(1_000_000) }), ...rest].join('\n'),
      );
    });
    expect(html.length).toBeLessThan(600_000);
    expect(html).toContain('998,500 more characters in responses.jsonl');
  });
});

describe('a damaged run', () => {
  it('is reported with what was left out', async () => {
    const { document, run } = await report({ items: 6 }, async (folder) => {
      await appendFile(join(folder, 'scores.jsonl'), '{"record":"score","ver');
      await appendFile(join(folder, 'responses.jsonl'), 'no JSON\n');
    });
    const warnings = [...document.querySelectorAll('.warning')].map(textOf);
    expect(warnings).toEqual(run.notes);
    expect(warnings.join('\n')).toContain('scores.jsonl: the last line is half-written and was left out');
    expect(warnings.join('\n')).toContain('responses.jsonl: 1 lines could not be read');
  });

  it('says so where a picture is missing or is another than its name says', async () => {
    const { document } = await report({ items: 6 }, async (folder) => {
      const [first = '', second = ''] = await readdir(join(folder, 'pictures'));
      await rm(join(folder, 'pictures', first));
      await truncate(join(folder, 'pictures', second), 40);
    });
    expect(document.querySelectorAll('.picture.missing').length).toBeGreaterThan(0);
    expect(document.querySelectorAll('.picture img').length).toBeGreaterThan(0);
  });

  it('that was stopped is marked as partial', async () => {
    const { document, run } = await report({ items: 6, status: 'partial' });
    expect(run.partial).toBe(true);
    expect(textOf(document.querySelector('.warning'))).toContain('This run is partial');
  });

  it('in which questions were asked again says how steady the models are, and only there', async () => {
    const once = await report();
    expect(textOf(once.document.querySelector('#outcomes'))).not.toContain('same answer again');
    const { document, written } = await report({}, async (folder) => {
      const file = join(folder, 'responses.jsonl');
      const lines = (await readFile(file, 'utf8')).trim().split('\n');
      const again = lines.map((line) => ({ ...(JSON.parse(line) as Record<string, unknown>), repeat: 1 }));
      await appendFile(file, again.map((response) => `${JSON.stringify(response)}\n`).join(''));
      await rm(join(folder, 'scores.jsonl'), { force: true });
    });
    expect(textOf(document.querySelector('#outcomes'))).toContain('same answer again');
    expect(await readFile(written.files.markdown, 'utf8')).toMatch(
      /same answer again .*\n.*---.*\n.*100\.0 ?% .*0\.0 ?%/,
    );
  });

  it('without scores is scored from its responses', async () => {
    const complete = await report({ items: 6 });
    const { run } = await report({ items: 6 }, (folder) => rm(join(folder, 'scores.jsonl')));
    const sorted = ({ scores }: RunRecords): string[] => scores.map((score) => JSON.stringify(score)).sort();
    expect(sorted(run)).toEqual(sorted(complete.run));
  });

  it('of a later version, or of nothing, is refused', async () => {
    const folder = await writeSmallRun({ items: 2 });
    folders.push(folder);
    await appendFile(join(folder, 'scores.jsonl'), '{"record":"score","version":99}\n');
    await expect(readRun(folder)).rejects.toThrow(/version 99; this release reads up to version 1/);
    await expect(readRun(join(folder, 'pictures'))).rejects.toThrow(/holds no run: expected scores.jsonl/);
  });
});
