/** Chat templates of families whose folders have none, because their own Python code puts the prompt together. */

const templates: Readonly<Record<string, string>> = {
  /** Pictures first, then the beginning-of-text token, the text, and a line break. Source: `PaliGemmaProcessor.prepare_inputs_layout`. */
  paligemma: [
    "{% for message in messages %}{% for part in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>' }}{% endfor %}{% endfor %}",
    "{{ bos_token }}{% for message in messages %}{% for part in message['content'] | selectattr('type', 'equalto', 'text') %}{{ part['text'] }}{% endfor %}{% endfor %}{{ '\\n' }}",
  ].join(''),
  /** None is used: its prompts are tasks (`task-prompts.ts`). */
  florence2: '',
};

export function defaultTemplate(modelType: string | undefined): string | undefined {
  return modelType !== undefined && Object.hasOwn(templates, modelType) ? templates[modelType] : undefined;
}
