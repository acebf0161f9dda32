/** What Google's generateContent refuses with 400: https://ai.google.dev/api/generate-content and /gemini-api/docs/function-calling (written from the SDK's types and general knowledge; the page itself was not opened). */

import type { JsonObject } from '../../request/index.js';
import { checkBase64, checkToolName, objectAt, objectsAt, onlyFields, oneOf, refuse, textAt } from './body-reader.js';

const fields = 'contents tools toolConfig safetySettings systemInstruction generationConfig cachedContent model'.split(
  ' ',
);

const generationFields =
  'stopSequences responseMimeType responseSchema responseJsonSchema _responseJsonSchema responseModalities candidateCount maxOutputTokens temperature topP topK seed presencePenalty frequencyPenalty responseLogprobs logprobs enableEnhancedCivicAnswers speechConfig thinkingConfig imageConfig mediaResolution'.split(
    ' ',
  );

/** A part is exactly one of these. */
const partData = 'text inlineData fileData functionCall functionResponse executableCode codeExecutionResult'.split(' ');
const partFields = [...partData, 'thought', 'thoughtSignature', 'videoMetadata', 'mediaResolution', 'partMetadata'];

/** @throws BodyProblem what generateContent would refuse */
export function checkGenerateContent(given: JsonObject): void {
  // The count endpoint wraps the whole request.
  const body = given['generateContentRequest'] === undefined ? given : objectAt(given['generateContentRequest'], '');
  onlyFields(body, fields, '');
  onlyFields(objectAt(body['generationConfig'] ?? {}, 'generation_config'), generationFields, 'generation_config');
  for (const [index, tool] of objectsAt(body['tools'] ?? [], 'tools').entries())
    for (const declared of objectsAt(tool['functionDeclarations'] ?? [], `tools[${index}]`))
      checkToolName(declared['name'], `tools[${index}].function_declarations.name`);
  const contents = objectsAt(body['contents'], 'contents');
  if (contents.length === 0) refuse('contents is not specified');
  if (body['systemInstruction'] !== undefined)
    checkParts(objectAt(body['systemInstruction'], 'system_instruction'), 'system_instruction');
  let calls = 0;
  for (const [index, content] of contents.entries()) {
    const path = `contents[${index}]`;
    const role = oneOf(content['role'] ?? 'user', ['user', 'model', 'function'], `${path}.role`);
    const parts = checkParts(content, path);
    const responses = parts.filter((part) => part['functionResponse'] !== undefined).length;
    if (role === 'model' && responses > 0) refuse(`${path}: a function response cannot be a turn of the model.`);
    if (responses !== calls)
      refuse(
        'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
      );
    calls = parts.filter((part) => part['functionCall'] !== undefined).length;
  }
  if (calls > 0) refuse('The last turn holds function calls without responses.');
}

function checkParts(content: JsonObject, path: string): readonly JsonObject[] {
  const parts = objectsAt(content['parts'], `${path}.parts`);
  if (parts.length === 0) refuse(`${path}.parts must not be empty.`);
  for (const [index, part] of parts.entries()) {
    const where = `${path}.parts[${index}]`;
    onlyFields(part, partFields, where);
    const data = partData.filter((name) => part[name] !== undefined);
    if (data.length !== 1) refuse(`${where}.data: required oneof field 'data' must have one initialized field`);
    if (part['inlineData'] !== undefined) {
      const blob = objectAt(part['inlineData'], where);
      textAt(blob['mimeType'], `${where}.inline_data.mime_type`);
      checkBase64(blob['data'], `${where}.inline_data.data`);
    }
    if (part['functionResponse'] !== undefined) {
      const response = objectAt(part['functionResponse'], where);
      checkToolName(response['name'], `${where}.function_response.name`);
      objectAt(response['response'], `${where}.function_response.response`);
    }
    if (part['functionCall'] !== undefined)
      objectAt(objectAt(part['functionCall'], where)['args'] ?? {}, `${where}.function_call.args`);
  }
  return parts;
}
