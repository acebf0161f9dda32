/** What the scripted adapter does with a request before it is "sent": the same rules as on a real wire, by the model's description. */

import { OcelliError } from '../errors/index.js';
import type { ModelDescription } from '../models/index.js';
import type { AssistantPart, PreparedMessage, PreparedRequest, PreparedUserPart, Warning } from '../request/index.js';

/** An option and the capability that it needs. */
const optionCapabilities = ['temperature', 'topP', 'topK', 'seed'] as const;

/**
 * The request without what the model does not take, with a warning for each thing left out.
 *
 * @throws OcelliError `unsupported-input` naming the part that the model cannot take
 */
export function prepareBody(
  request: PreparedRequest,
  description: ModelDescription,
  provider: string,
): { readonly body: PreparedRequest; readonly warnings: readonly Warning[] } {
  refuseUnknownParts(request, description, provider);
  const warnings: Warning[] = [];
  const body: { -readonly [Key in keyof PreparedRequest]: PreparedRequest[Key] } = {
    ...request,
    messages: request.messages.map((message, index) => withoutForeignData(message, index, provider, warnings)),
  };
  for (const option of optionCapabilities) {
    if (request[option] === undefined || description.capabilities[option]) continue;
    delete body[option];
    warnings.push(leftOut(option, request.modelId));
  }
  if (request.stop.length > 0 && !description.capabilities.stop) {
    body.stop = [];
    warnings.push(leftOut('stop', request.modelId));
  }
  if (request.reasoning !== undefined && description.capabilities.reasoning === 'none') {
    delete body.reasoning;
    warnings.push(leftOut('reasoning', request.modelId));
  }
  return { body, warnings };
}

function leftOut(subject: string, modelId: string): Warning {
  return { type: 'unsupported-option', subject, message: `${modelId} does not take ${subject}; it was left out.` };
}

function refuseUnknownParts(request: PreparedRequest, description: ModelDescription, provider: string): void {
  for (const [messageIndex, message] of request.messages.entries()) {
    for (const [partIndex, part] of partsOf(message).entries()) {
      if (description.capabilities.input.includes(part.type)) continue;
      throw new OcelliError(
        'unsupported-input',
        `messages[${messageIndex}].content[${partIndex}] is ${part.type}, which ${request.modelId} does not take. Leave it out, or use another model.`,
        { provider, model: `${provider}:${request.modelId}` },
      );
    }
  }
}

function partsOf(message: PreparedMessage): readonly (PreparedUserPart | AssistantPart)[] {
  return message.role === 'tool' ? message.content.flatMap((result) => result.content) : message.content;
}

function withoutForeignData(
  message: PreparedMessage,
  index: number,
  provider: string,
  warnings: Warning[],
): PreparedMessage {
  if (message.role !== 'assistant') return message;
  const content = message.content.map((part, partIndex): AssistantPart => {
    const foreign = Object.keys(part.providerData ?? {}).filter((name) => name !== provider);
    if (foreign.length === 0) return part;
    warnings.push({
      type: 'dropped-provider-data',
      subject: `messages[${index}].content[${partIndex}]`,
      message: `Data of ${foreign.join(', ')} means nothing to ${provider} and was left out.`,
    });
    const { providerData, ...rest } = part;
    const own = providerData?.[provider];
    return own === undefined ? rest : { ...rest, providerData: { [provider]: own } };
  });
  return { ...message, content };
}
