/** Writes a report into a folder: the page, JUnit XML, Markdown and JSON. */

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OcelliError } from '../../src/index.js';
import { analyse, familySize, type Analysis, type AnalysisOptions } from './analysis.js';
import { junitXml } from './junit.js';
import { markdownReport } from './markdown.js';
import { renderPage } from './page.js';
import type { RunRecords } from './run-folder.js';
import { chooseSamples, type SampleLimits } from './samples.js';
import { findingsOf } from './sentences.js';
import { drawThumbnails } from './thumbnails.js';

export interface ReportOptions extends AnalysisOptions {
  /** Of ocelli, for the foot of the page. */
  readonly version: string;
  readonly samples?: SampleLimits;
}

export interface WrittenReport {
  readonly analysis: Analysis;
  readonly files: { readonly html: string; readonly junit: string; readonly markdown: string; readonly json: string };
  /** The verdicts, one a line of text. */
  readonly sentences: readonly string[];
}

/** Raised with every change that a reader of report.json would misread. */
export const reportVersion = 1;

/**
 * Writes `report.html`, `junit.xml`, `report.md` and `report.json`.
 *
 * @throws OcelliError `unsupported-input` where the charts' packages are missing, `invalid-request` where the folder cannot be written.
 * @example
 * const { files } = await writeReport(await readRun(folder), folder, { version: '0.1.0' });
 */
export async function writeReport(run: RunRecords, folder: string, options: ReportOptions): Promise<WrittenReport> {
  const analysis = analyse(run, options);
  const samples = chooseSamples(run, options.samples);
  const digests = samples.samples.flatMap(({ item }) => (item.picture === undefined ? [] : [item.picture.sha256]));
  const thumbnails = await drawThumbnails(run, digests);
  const html = await renderPage({ run, analysis, samples, thumbnails, version: options.version });
  const files = {
    html: join(folder, 'report.html'),
    junit: join(folder, 'junit.xml'),
    markdown: join(folder, 'report.md'),
    json: join(folder, 'report.json'),
  };
  const findings = analysis.suites.flatMap((suite) => findingsOf(suite, familySize(analysis, 'overall')));
  try {
    await mkdir(folder, { recursive: true });
    await replaceFile(files.html, html);
    await replaceFile(files.junit, junitXml(run));
    await replaceFile(files.markdown, markdownReport(run, analysis));
    await replaceFile(files.json, `${JSON.stringify(reportJson(run, analysis), undefined, 1)}\n`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new OcelliError(
      'invalid-request',
      `The report could not be written to "${folder}" (${code}). Name a folder that can be written, with room on its disk.`,
    );
  }
  return { analysis, files, sentences: findings.map(({ text }) => text) };
}

/** Written beside and moved, so that a full disk leaves the report of before. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}

/** Everything the page says, for programs. Numbers that are not known are left out or null, never 0. */
export function reportJson(run: RunRecords, analysis: Analysis): Record<string, unknown> {
  const family = familySize(analysis, 'overall');
  return {
    record: 'report',
    version: reportVersion,
    run: { name: run.name, startedAt: run.startedAt ?? null, partial: run.partial, notes: run.notes },
    families: { overall: family, withinPrompt: familySize(analysis, 'withinPrompt') },
    suites: analysis.suites.map((suite) => ({ ...suite, findings: findingsOf(suite, family) })),
  };
}
