/** The questions' wordings: several for each kind, the first one the plainest, all with the form of the answer. */

const number = 'Answer with a single number.';
const yesNo = 'Answer yes or no.';

/** "How many red circles are there?" */
export function countWordings(plural: string): string[] {
  return [
    `How many ${plural} are in the picture? ${number}`,
    `Count the ${plural} in this image. ${number}`,
    `What is the number of ${plural} shown? ${number}`,
  ];
}

/** `thing` comes with its article. */
export function existenceWordings(thing: string): string[] {
  return [
    `Is there ${thing} in the picture? ${yesNo}`,
    `Can you see ${thing} in this image? ${yesNo}`,
    `Does the picture show ${thing}? ${yesNo}`,
  ];
}

/** Any question that takes a number. */
export function numberWordings(...questions: string[]): string[] {
  return questions.map((question) => `${question} ${number}`);
}

/** Any question that takes yes or no. */
export function yesNoWordings(...questions: string[]): string[] {
  return questions.map((question) => `${question} ${yesNo}`);
}

/** Any question with a closed list of answers. */
export function choiceWordings(choices: readonly string[], ...questions: string[]): string[] {
  const listed = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1) ?? ''}`;
  return questions.map((question) => `${question} Answer with one of: ${listed}.`);
}

/** Any question whose answer is copied from the picture. */
export function readWordings(...questions: string[]): string[] {
  return questions.map((question) => `${question} Answer with the text only; if it cannot be read, say "unreadable".`);
}
