/** The generateContent stream as the server writes it: unnamed events with one JSON document each. */

type Fields = Record<string, unknown>;

export const sse = (...chunks: Fields[]): string =>
  chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join('');

export const usage = (more: Fields = {}): Fields => ({
  usageMetadata: { promptTokenCount: 115, candidatesTokenCount: 20, totalTokenCount: 135, ...more },
});
export const parts = (...given: Fields[]): Fields => ({
  candidates: [{ content: { parts: given, role: 'model' }, index: 0 }],
  modelVersion: 'gemini-3.5-flash-001',
  responseId: 'r1',
});
export const text = (words: string): Fields => parts({ text: words });
export const end = (finishReason = 'STOP', more: Fields = {}, candidate: Fields = {}): Fields => ({
  candidates: [{ content: { parts: [], role: 'model' }, finishReason, index: 0, ...candidate }],
  ...usage(),
  modelVersion: 'gemini-3.5-flash-001',
  responseId: 'r1',
  ...more,
});
