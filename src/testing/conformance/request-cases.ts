/** What messages must become: every part on the wire, unchanged and in order, or refused. */

import assert from 'node:assert/strict';
import { OcelliError } from '../../errors/index.js';
import type {
  MediaBytes,
  MediaContent,
  MediaKind,
  PreparedMediaPart,
  PreparedMessage,
  PreparedRequest,
  PreparedUserPart,
} from '../../request/index.js';
import type { Feature } from '../feature-matrix.js';
import { sampleCalls, sampleTools } from './answer-cases.js';
import { sampleAudio, sampleDocument, samplePicture, sampleVideo } from './samples.js';
import { holds, holdsMedia, userMessage, type ConformanceCase, type Subject } from './subject.js';

/** Cases about what goes out. */
export function requestCases(subject: Subject): readonly ConformanceCase[] {
  return [...mediaCases(subject), ...conversationCases(subject), ...purityCases(subject)];
}

export function picturePart(media: MediaContent): PreparedMediaPart {
  return { type: 'image', media, detail: 'high' };
}

function mediaPart(kind: MediaKind, media: MediaContent): PreparedMediaPart {
  if (kind === 'image') return picturePart(media);
  return { type: kind, media, ...(kind === 'document' ? { filename: 'page.pdf' } : {}) };
}

/** A conversation in which a tool answers with these parts. */
export function toolConversation(content: readonly PreparedUserPart[]): readonly PreparedMessage[] {
  const call = { type: 'tool-call' as const, id: 'call_one', name: 'count_things', arguments: { kind: 'coins' } };
  return [
    userMessage('How many?'),
    { role: 'assistant', content: [call] },
    { role: 'tool', content: [{ type: 'tool-result', id: call.id, name: call.name, content, isError: false }] },
  ];
}

interface MediaRow {
  readonly feature: Feature;
  readonly messages: readonly PreparedMessage[];
  /** What must be found on the wire. */
  readonly find: MediaBytes | string;
  readonly tools?: true;
}

function mediaRows(provider: string): readonly MediaRow[] {
  const user = (...content: readonly PreparedUserPart[]): readonly PreparedMessage[] => [{ role: 'user', content }];
  const picture = samplePicture(1, 60);
  const [audio, video, document] = [sampleAudio(2), sampleVideo(3), sampleDocument(4)];
  const url = 'https://example.org/pictures/coins.png?size=full';
  const fileId =
    provider === 'google' ? 'https://generativelanguage.googleapis.com/v1beta/files/abc-123' : 'file-abc123';
  const picturePlace = { type: 'url' as const, url, mediaType: 'image/png' };
  const file = { type: 'file-id' as const, fileId, mediaType: 'image/png' };
  const ask = { type: 'text' as const, text: 'What is it?' };
  return [
    { feature: 'image', messages: user(picturePart(picture), ask), find: picture },
    { feature: 'image-url', messages: user(picturePart(picturePlace), ask), find: url },
    { feature: 'image-file-id', messages: user(picturePart(file), ask), find: fileId },
    { feature: 'audio', messages: user(mediaPart('audio', audio), ask), find: audio },
    { feature: 'video', messages: user(mediaPart('video', video), ask), find: video },
    { feature: 'document', messages: user(mediaPart('document', document), ask), find: document },
    {
      feature: 'image-in-tool-result',
      messages: toolConversation([{ type: 'text', text: 'Here it is.' }, picturePart(samplePicture(5, 20))]),
      find: samplePicture(5, 20),
      tools: true,
    },
  ];
}

function mediaCases(subject: Subject): readonly ConformanceCase[] {
  return mediaRows(subject.adapter.provider).map((row) => {
    const changes: Partial<PreparedRequest> = {
      messages: row.messages,
      ...(row.tools === true ? { tools: sampleTools } : {}),
    };
    if (subject.features[row.feature] === 'unsupported') {
      return {
        name: `${row.feature} is refused before anything is sent`,
        run: async () => expectRefusal(subject, changes),
      };
    }
    return {
      name: `${row.feature} reaches the wire unchanged`,
      run: async () => {
        const { body, warnings } = subject.toWire(changes);
        assert.ok(found(body, row.find), `The body does not hold the ${row.feature}.`);
        if (subject.features[row.feature] === 'emulated')
          assert.ok(
            warnings.some(({ type }) => type === 'moved-media'),
            'There is no warning of the medium that was moved.',
          );
        if (!subject.hasServer) return;
        await subject.answer({ text: 'Coins.' }, changes);
        assert.ok(found(subject.lastRequest.body, row.find), `What was sent does not hold the ${row.feature}.`);
      },
    };
  });
}

function found(body: unknown, value: MediaBytes | string): boolean {
  return typeof value === 'string' ? holds(body, value) : holdsMedia(body, value);
}

function expectRefusal(subject: Subject, changes: Partial<PreparedRequest>): void {
  try {
    subject.toWire(changes);
  } catch (error) {
    assert.ok(OcelliError.isInstance(error), `Not an OcelliError was thrown: ${String(error)}`);
    assert.equal(error.kind, 'unsupported-input');
    assert.equal(error.provider, subject.adapter.provider);
    assert.match(error.message, /messages\[\d+\]/, 'The message does not say which part it is about.');
    return;
  }
  assert.fail('The part was taken, although the adapter says it cannot carry it.');
}

function conversationCases(subject: Subject): readonly ConformanceCase[] {
  return [
    {
      name: 'parts of a message keep their order',
      run: async () => {
        const [one, two] = [samplePicture(11), samplePicture(12)];
        const { body } = subject.toWire({
          messages: [
            {
              role: 'user',
              content: [
                { type: 'text', text: 'before all' },
                picturePart(one),
                { type: 'text', text: 'between them' },
                picturePart(two),
                { type: 'text', text: 'after all' },
              ],
            },
          ],
        });
        expectOrder(body, ['before all', one, 'between them', two, 'after all']);
      },
    },
    {
      name: 'system texts and several turns reach the wire in order',
      run: async () => {
        const { body } = subject.toWire({
          messages: [
            { role: 'system', content: [{ type: 'text', text: 'Be brief and exact.' }] },
            userMessage('first question'),
            { role: 'assistant', content: [{ type: 'text', text: 'first answer' }] },
            userMessage('second question'),
          ],
        });
        assert.ok(holds(body, 'Be brief and exact.'), 'The system text is missing.');
        expectOrder(body, ['first question', 'first answer', 'second question']);
      },
    },
    ...(subject.features.tools === 'unsupported' ? [] : toolConversationCases(subject)),
    {
      name: 'data of another provider stays behind, with a warning',
      run: async () => {
        const providerData = { 'another-provider': { signature: 'foreign-signature-1234' } };
        const { body, warnings } = subject.toWire({
          messages: [
            userMessage('How many?'),
            {
              role: 'assistant',
              content: [
                { type: 'reasoning', text: 'foreign thought', providerData },
                { type: 'text', text: 'Three.', providerData },
              ],
            },
            userMessage('Sure?'),
          ],
        });
        assert.ok(!holds(body, 'foreign-signature-1234'), 'Foreign data is on the wire.');
        assert.ok(holds(body, 'Three.'), 'The text that carried foreign data is missing.');
        assert.ok(
          warnings.some((warning) => warning.type === 'dropped-provider-data'),
          'There is no warning of the data that was left out.',
        );
      },
    },
  ];
}

function toolConversationCases(subject: Subject): readonly ConformanceCase[] {
  return [
    {
      name: 'tools, and calls and results of an earlier turn, reach the wire',
      run: async () => {
        const messages: readonly PreparedMessage[] = [
          userMessage('How many?'),
          {
            role: 'assistant',
            content: [
              { type: 'text', text: 'Let me look.' },
              ...sampleCalls.map(({ id, name, arguments: given }) => ({
                type: 'tool-call' as const,
                id,
                name,
                arguments: given,
              })),
            ],
          },
          {
            role: 'tool',
            content: sampleCalls.map(({ id, name }, index) => ({
              type: 'tool-result' as const,
              id,
              name,
              content: [{ type: 'text' as const, text: `result number ${index}` }],
              isError: index === 1,
            })),
          },
        ];
        const { body } = subject.toWire({ messages, tools: sampleTools });
        expectOrder(body, ['Let me look.', 'result number 0', 'result number 1']);
        for (const tool of sampleTools) {
          assert.ok(holds(body, tool.name), `The tool ${tool.name} is missing.`);
          assert.ok(holds(body, tool.description ?? ''), `The description of ${tool.name} is missing.`);
        }
        if (subject.hasServer) await subject.answer({ text: 'Three.' }, { messages, tools: sampleTools });
      },
    },
    {
      name: 'every tool choice is said in its own way',
      run: async () => {
        const choices = ['auto', 'none', 'required', { name: 'look_closer' }] as const;
        const bodies = choices.map((toolChoice) => subject.toWire({ tools: sampleTools, toolChoice }).body);
        assert.equal(new Set(bodies.map((body) => JSON.stringify(body))).size, choices.length);
      },
    },
  ];
}

function purityCases(subject: Subject): readonly ConformanceCase[] {
  return [
    {
      name: 'the same request gives the same body, and is not changed',
      run: async () => {
        const request = (): PreparedRequest =>
          subject.request({
            messages: [
              { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
              { role: 'user', content: [picturePart(samplePicture(21)), { type: 'text', text: 'What is it?' }] },
              { role: 'assistant', content: [{ type: 'text', text: 'Coins.' }] },
              userMessage('How many?'),
            ],
            temperature: 0.5,
            topP: 0.5,
            seed: 1,
            stop: ['.'],
            ...(subject.features.tools === 'unsupported' ? {} : { tools: sampleTools }),
          });
        const [given, untouched] = [deepFreeze(request()), request()];
        const [first, second] = [0, 1].map(() => subject.adapter.toWire(given, subject.description));
        assert.deepEqual(first, second);
        assert.deepEqual(given, untouched);
      },
    },
  ];
}

/** The places of values in the body's JSON text must rise. */
function expectOrder(body: unknown, values: readonly (string | MediaBytes)[]): void {
  const text = JSON.stringify(body, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
  const places = values.map((value) => text.indexOf(typeof value === 'string' ? value : value.base64));
  assert.ok(!places.includes(-1), `Something is missing on the wire: ${places.join(', ')}`);
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
