/** What Anthropic's Messages API refuses with 400: https://platform.claude.com/docs/en/api/messages and /tool-use (written from the SDK's types and general knowledge; the page itself was not opened). */

import type { JsonObject } from '../../request/index.js';
import { checkBase64, checkToolName, objectAt, objectsAt, onlyFields, oneOf, refuse, textAt } from './body-reader.js';

/** No sampling options: the API version that the SDK 1.x sends answers 400 to them. */
const fields =
  'max_tokens messages model cache_control container diagnostics inference_geo metadata output_config service_tier speed stop_sequences stream system thinking tool_choice tools user_profile_id workspace_id'.split(
    ' ',
  );

/** @throws BodyProblem what the Messages API would refuse */
export function checkMessages(body: JsonObject, counting: boolean): void {
  onlyFields(body, fields, '');
  textAt(body['model'], 'model');
  const limit = body['max_tokens'];
  if (!counting && (!Number.isInteger(limit) || Number(limit) < 1)) refuse('max_tokens: Field required');
  const thinking = objectAt(body['thinking'] ?? {}, 'thinking');
  if (thinking['type'] === 'enabled' && Number(thinking['budget_tokens']) >= Number(limit))
    refuse('`max_tokens` must be greater than `thinking.budget_tokens`.');
  const tools = objectsAt(body['tools'] ?? [], 'tools');
  for (const [index, tool] of tools.entries()) {
    checkToolName(tool['name'], `tools.${index}.name`);
    objectAt(tool['input_schema'], `tools.${index}.input_schema`);
  }
  if (body['tool_choice'] !== undefined && tools.length === 0) refuse('tool_choice may only be specified with tools.');
  const messages = objectsAt(body['messages'], 'messages');
  if (messages.length === 0) refuse('messages: at least one message is required');
  if (messages[0]?.['role'] !== 'user') refuse('messages: first message must use the "user" role');
  checkTurns(messages);
}

function checkTurns(messages: readonly JsonObject[]): void {
  let open: readonly string[] = [];
  for (const [index, message] of messages.entries()) {
    const path = `messages.${index}`;
    const role = oneOf(message['role'], ['user', 'assistant'], `${path}.role`);
    const blocks = blocksOf(message, path);
    const results = blocks.filter((block) => block['type'] === 'tool_result');
    const answered = results.map((block) => textAt(block['tool_use_id'], path));
    const unanswered = open.filter((id) => !answered.includes(id));
    if (unanswered.length > 0)
      refuse(
        `${path}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${unanswered.join(', ')}.`,
      );
    const unexpected = answered.find((id) => !open.includes(id));
    if (unexpected !== undefined)
      refuse(`${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unexpected}.`);
    if (blocks.slice(0, results.length).some((block) => block['type'] !== 'tool_result'))
      refuse(`${path}: tool_result blocks must come first.`);
    for (const [place, block] of blocks.entries()) checkBlock(block, role, `${path}.content.${place}`);
    open = blocks.filter((block) => block['type'] === 'tool_use').map((block) => textAt(block['id'], path));
  }
  if (open.length > 0) refuse(`\`tool_use\` ids without \`tool_result\`: ${open.join(', ')}.`);
}

function blocksOf(message: JsonObject, path: string): readonly JsonObject[] {
  const { content } = message;
  const blocks =
    typeof content === 'string' ? [{ type: 'text', text: content }] : objectsAt(content, `${path}.content`);
  return blocks.length === 0 ? refuse(`${path}: content must not be empty`) : blocks;
}

const userBlocks = ['text', 'image', 'document', 'tool_result'];
const assistantBlocks = ['text', 'thinking', 'redacted_thinking', 'tool_use'];
const pictures = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

function checkBlock(block: JsonObject, role: string, path: string): void {
  const type = oneOf(block['type'], role === 'user' ? userBlocks : assistantBlocks, `${path}.type`);
  if (type === 'text' && textAt(block['text'], path).trim() === '')
    refuse(`${path}: text content blocks must contain non-whitespace text`);
  if (type === 'image') checkSource(block, pictures, path);
  if (type === 'document') checkSource(block, ['application/pdf'], path);
  if (type === 'thinking' && textAt(block['signature'], `${path}.signature`) === '')
    refuse(`${path}: Invalid \`signature\` in \`thinking\` block`);
  if (type === 'tool_use') {
    checkToolName(block['id'], `${path}.id`);
    objectAt(block['input'], `${path}.input`);
  }
  if (type === 'tool_result' && Array.isArray(block['content']))
    for (const [index, inner] of objectsAt(block['content'], path).entries())
      checkBlock(inner, 'user', `${path}.content.${index}`);
}

function checkSource(block: JsonObject, mediaTypes: readonly string[], path: string): void {
  const source = objectAt(block['source'], `${path}.source`);
  if (source['type'] !== 'base64') return;
  oneOf(source['media_type'], mediaTypes, `${path}.source.media_type`);
  checkBase64(source['data'], `${path}.source.data`);
}
