/** What options must become: on the wire, or refused or warned of; never dropped silently. And the count of what was written. */

import assert from 'node:assert/strict';
import { OcelliError } from '../../errors/index.js';
import type { PreparedRequest } from '../../request/index.js';
import type { Feature } from '../feature-matrix.js';
import { sampleTools } from './answer-cases.js';
import { holds, type ConformanceCase, type Subject } from './subject.js';

/** Cases about options. */
export function optionCases(subject: Subject): readonly ConformanceCase[] {
  return [...sentCases(subject), ...loudCases(subject), ...countCases(subject)];
}

interface OptionRow {
  readonly feature: Feature;
  readonly option: string;
  readonly changes: Partial<PreparedRequest>;
  readonly value: string | number;
}

const optionRows: readonly OptionRow[] = [
  { feature: 'temperature', option: 'temperature', changes: { temperature: 0.375 }, value: 0.375 },
  { feature: 'top-p', option: 'topP', changes: { topP: 0.8125 }, value: 0.8125 },
  { feature: 'top-k', option: 'topK', changes: { topK: 37 }, value: 37 },
  { feature: 'seed', option: 'seed', changes: { seed: 74_123 }, value: 74_123 },
  { feature: 'stop', option: 'stop', changes: { stop: ['HALT-HERE'] }, value: 'HALT-HERE' },
];

function sentCases(subject: Subject): readonly ConformanceCase[] {
  return [
    {
      name: 'maxOutputTokens reaches the wire',
      run: async () => assert.ok(holds(subject.toWire().body, 1_777), 'The limit is missing.'),
    },
    ...optionRows.map(({ feature, option, changes, value }) => ({
      name: `${option} is ${subject.features[feature]}`,
      run: async () => {
        const { body, warnings } = subject.toWire(changes);
        const warned = warnings.some(({ type, subject: about }) => type === 'unsupported-option' && about === option);
        const sent = holds(body, value);
        if (subject.features[feature] === 'supported') {
          assert.ok(sent, `${option} is not on the wire.`);
          assert.ok(!warned, `${option} is on the wire, and yet there is a warning.`);
        } else {
          assert.ok(!sent, `${option} was sent, although the adapter says it cannot be.`);
          if (subject.features[feature] === 'unsupported') assert.ok(warned, `There is no warning about ${option}.`);
        }
      },
    })),
    ...(subject.features['structured-output'] === 'unsupported'
      ? []
      : [
          {
            name: 'an output schema reaches the wire',
            run: async () => {
              const schema = {
                type: 'object',
                properties: { conformanceField: { type: 'integer' } },
                required: ['conformanceField'],
                additionalProperties: false,
              };
              const { body } = subject.toWire({ output: { name: 'conformance', schema } });
              assert.ok(holds(body, 'conformanceField'), 'The schema is missing.');
            },
          },
        ]),
    {
      name: 'raw provider options are merged into the body',
      run: async () => {
        if (!subject.hasServer) return;
        const { body } = subject.toWire({ providerOptions: { conformance_option: 'raw value' } });
        assert.ok(holds(body, 'raw value'), 'The raw option is missing.');
      },
    },
  ];
}

/** What an adapter cannot say, it refuses or warns of; what it can say changes the body. */
function loudCases(subject: Subject): readonly ConformanceCase[] {
  const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
  const rows: readonly { readonly what: string; readonly changes: Partial<PreparedRequest> }[] = [
    { what: 'reasoning', changes: { reasoning: 'high' } },
    { what: 'a long prompt cache', changes: { cache: 'long' } },
    { what: 'tools', changes: { tools: sampleTools } },
    { what: 'an output schema', changes: { output: { name: 'answer', schema } } },
  ];
  return rows.map(({ what, changes }) => ({
    name: `${what} is sent, warned of or refused, but never dropped silently`,
    run: async () => {
      const plain = subject.toWire();
      let changed: ReturnType<Subject['toWire']>;
      try {
        changed = subject.toWire(changes);
      } catch (error) {
        assert.ok(OcelliError.isInstance(error), `Not an OcelliError was thrown: ${String(error)}`);
        assert.equal(error.kind, 'unsupported-input');
        return;
      }
      const sent = JSON.stringify(changed.body) !== JSON.stringify(plain.body);
      const warned = changed.warnings.length > plain.warnings.length;
      assert.ok(sent || warned, `It was dropped: the body is the same, and there is no warning.`);
    },
  }));
}

function countCases(subject: Subject): readonly ConformanceCase[] {
  if (subject.features['count-tokens'] === 'unsupported') {
    return [
      {
        name: 'an adapter that cannot count has no countTokens',
        run: async () => assert.ok(!('countTokens' in subject.adapter), 'There is a countTokens.'),
      },
    ];
  }
  return [
    {
      name: 'the exact count is a whole number, and what the count endpoint says',
      run: async () => {
        const { adapter } = subject;
        assert.ok(adapter.countTokens !== undefined, 'countTokens is missing.');
        const { signal } = new AbortController();
        const tokens = await adapter.countTokens(subject.toWire().body, { signal });
        assert.ok(Number.isInteger(tokens) && tokens > 0, `It is ${tokens}.`);
        if (!subject.hasServer) return;
        assert.equal(tokens, 42);
        assert.equal(subject.lastRequest.endpoint, 'count');
      },
    },
  ];
}
