import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReply, type ItemAnswerSpec, type ParsedReply } from '../../benchmarks/scoring/index.js';

type Row = readonly [reply: string, expected: string];

/** `=3` for an answer, `?3|4` for candidates, else the kind. */
function told(parsed: ParsedReply): string {
  if (parsed.kind === 'answer') return `=${String(parsed.value)}`;
  if (parsed.kind === 'ambiguous') return `?${parsed.candidates.map(String).join('|')}`;
  return parsed.kind;
}

function table(spec: ItemAnswerSpec, rows: readonly Row[]): void {
  for (const [reply, expected] of rows)
    it(`${JSON.stringify(reply).slice(0, 110)} → ${expected}`, () => {
      expect(told(parseReply(reply, spec))).toBe(expected);
    });
}

describe('a count is read from', () => {
  describe('plain replies', () => {
    table({ type: 'integer' }, [
      ['3', '=3'],
      ['3.', '=3'],
      ['There are 3 circles.', '=3'],
      ['There are three circles.', '=3'],
      ['three', '=3'],
      ['Three.', '=3'],
      ['I count twenty-one zebras', '=21'],
      ['one hundred and five', '=105'],
      ['two thousand three hundred', '=2300'],
      ['a dozen', '=12'],
      ['two dozen eggs', '=24'],
      ['They cross twice.', '=2'],
      ['There is one circle.', '=1'],
      ['There is a single circle.', '=1'],
      ['There are three circles, one of them red.', '=3'],
      ['There are 2 dogs; the last one is brown.', '=2'],
      ['There are approximately 30 people.', '=30'],
      ['7%', '=7'],
      ['$7', '=7'],
    ]);
  });

  describe('replies that say none', () => {
    table({ type: 'integer' }, [
      ['0', '=0'],
      ['zero', '=0'],
      ['None.', '=0'],
      ['There are no zebras in the picture.', '=0'],
      ['I see no zebras.', '=0'],
      ['No zebras.', '=0'],
      ["There aren't any zebras.", '=0'],
      ['I do not see any zebras in this picture.', '=0'],
      ['No.', 'unparseable'],
      ['There is no way to tell.', 'abstained'],
      ['No, there are 3.', '=3'],
    ]);
  });

  describe('marked replies', () => {
    table({ type: 'integer' }, [
      ['{3}', '=3'],
      ['{ 3 }', '=3'],
      ['The lines cross {2} times; the picture has 2 lines and 4 ends.', '=2'],
      ['**3**', '=3'],
      ['__3__', '=3'],
      ['`3`', '=3'],
      ['# 3', '=3'],
      ['\\boxed{3}', '=3'],
      ['$\\boxed{\\text{3}}$', '=3'],
      ['\\(3\\)', '=3'],
      ['{"answer": 3}', '=3'],
      ['{"count": "3", "explanation": "2 left, 1 right"}', '=3'],
      ['```json\n{"answer": 3}\n```', '=3'],
      ['Here it is: {"answer": 3, "confidence": 0.9}', '=3'],
      ['[3]', '=3'],
      ['<answer>3</answer>', '=3'],
      ['There are 2 red and 3 blue ones. The answer is 5.', '=5'],
      ['2 red, 3 blue\n\n**Answer: 5**', '=5'],
      ['Final answer: 5 circles (2 red, 3 blue)', '?5|2|3'],
      ['2 red and 3 blue ones. Total: 5', '=5'],
      ['<think>4? No, 3.</think>5', '=5'],
      ['<think>4? No, 3.', 'unparseable'],
      ['{2} or rather {3}', '?2|3'],
      ['{unknown}', 'abstained'],
    ]);
  });

  describe('numbers that are written in another way', () => {
    table({ type: 'integer' }, [
      ['1,234', '=1234'],
      ["1'234'567", '=1234567'],
      ['1\u202f234', '=1234'],
      ['1.234', '?1.234|1234'],
      ['-3', '=-3'],
      ['\u22123', '=-3'],
      ['- 3 circles', '=3'],
      ['2.5', '=2.5'],
      ['３', '=3'],
      ['٣', '=3'],
      ['१२', '=12'],
      ['③', '=3'],
      ['有3个苹果', '=3'],
      ['\u200b3\u200b', '=3'],
      ['\u001b[1m3\u001b[0m', '=3'],
      ['<p>There are <b>3</b>&nbsp;circles</p>', '=3'],
    ]);
  });

  describe('replies with more than one number, which are not guessed', () => {
    table({ type: 'integer' }, [
      ['between 3 and 4', '?3|4'],
      ['between three and four', '?3|4'],
      ['3-4', '?3|4'],
      ['3–4 circles', '?3|4'],
      ['3 or 4', '?3|4'],
      ['3/4', '?3|4'],
      ['3, maybe 4', '?3|4'],
      ['5x6', '?5|6'],
      ['at least 3', '?3'],
      ['more than 10', '?10'],
      ['3+', '?3'],
    ]);
  });

  describe('what only looks like a number', () => {
    table({ type: 'integer' }, [
      ['1. zebra\n2. horse\n3. cow', 'unparseable'],
      ['1. zebra\n2. zebra\n\nSo there are two.', '=2'],
      ['There are B52 and F-16 planes', 'unparseable'],
      ['a 3D picture of 4 cubes', '=4'],
      ['The 2nd row has 5', '=5'],
      ['several', 'unparseable'],
      ['9'.repeat(400), 'unparseable'],
      ['minus three', '=-3'],
      ['> 5', '?5'],
      ['one dog and one cat', '?1'],
      ['Five (5) circles', '=5'],
      ['2024-01-05', '?2024|1|5'],
      ['{"answer": null}', 'abstained'],
      ['{"zebras": 5, "horses": 2}', '?5|2'],
      ['The two lines do not cross.', 'unparseable'],
      ['The two lines cross once.', '?2|1'],
      ['The 3 circles are red.', 'unparseable'],
      ['', 'unparseable'],
      ['   \n ', 'unparseable'],
      ['3 (confidence: 90%)', '=3'],
      ['3. I am 95% sure.', '=3'],
    ]);
  });

  describe('replies that will not or cannot', () => {
    table({ type: 'integer' }, [
      ["I'm sorry, but I can't assist with that.", 'refused'],
      ["I'm sorry, I cannot help with identifying the 3 people.", 'refused'],
      ['As an AI language model I cannot view images.', 'refused'],
      ['I can’t help with this picture.', 'refused'],
      ['I cannot tell.', 'abstained'],
      ["I don't know", 'abstained'],
      ['I cannot tell whether there are 3 or 4.', 'abstained'],
      ['The picture is too blurry to count them.', 'abstained'],
      ["I'm sorry, but I can't determine the number of circles.", 'abstained'],
      ["I'm not sure, but I think there are 3.", '=3'],
      ['There are 3 circles, but their colours are unclear.', '=3'],
      ['It is hard to tell exactly. {3}', '=3'],
    ]);
  });
});

describe('yes or no is read from', () => {
  table({ type: 'yesno' }, [
    ['Yes', '=yes'],
    ['Yes.', '=yes'],
    ['**Yes**', '=yes'],
    ['yes, the two circles touch', '=yes'],
    ['No, there is no dog.', '=no'],
    ['No dog is in the image.', '=no'],
    ['{Yes}', '=yes'],
    ['{"answer": false}', '=no'],
    ['{"answer": "no", "confidence": 0.7}', '=no'],
    ['\\boxed{\\text{No}}', '=no'],
    ['The answer is no.', '=no'],
    ['The circles are far apart.\nNo.', '=no'],
    ['The circles are known to be now near; nothing else.', 'unparseable'],
    ['The circles do not touch.', 'unparseable'],
    ['There is a dog.', 'unparseable'],
    ['Yes/No', '?yes|no'],
    ['Yes and no.', '?yes|no'],
    ['yes? no?', '?yes|no'],
    ['I would say yes.', '=yes'],
    ['There is no dog in the picture.', 'unparseable'],
    ['Yes. No. I mean yes.', '?yes|no'],
    ['No doubt there is a dog.', 'unparseable'],
    ['I cannot tell.', 'abstained'],
    ["I can't assist with that.", 'refused'],
    ['Yes, although parts of it are unclear.', '=yes'],
    ['\u001b[32mYES\u001b[0m', '=yes'],
    ['3', 'unparseable'],
  ]);
});

describe('one of several choices is read from', () => {
  const directions = ['left', 'right', 'above', 'below'];
  describe('directions', () => {
    table({ type: 'choice', choices: directions }, [
      ['left', '=left'],
      ['Left.', '=left'],
      ['**Left**', '=left'],
      ['{left}', '=left'],
      ['{"answer":"left"}', '=left'],
      ['The circle is to the left of the square.', '=left'],
      ['It is under the square.', '=below'],
      ['The circle is left of and below the square.', '?left|below'],
      ['not left', '?left'],
      ['It is not left but right.', '=right'],
      ['It is neither left nor right.', '?left|right'],
      ['It is above, not below.', '=above'],
      ['(B)', '=right'],
      ['The answer is (B)', '=right'],
      ['The answer is B', '=right'],
      ['B) right', '=right'],
      ['A) right', '?left|right'],
      ['The answer is a circle', 'unparseable'],
      ['It is leftover', 'unparseable'],
      ['I am not sure.', 'abstained'],
      ["I can't help with that.", 'refused'],
    ]);
  });

  describe('names that hold each other', () => {
    table({ type: 'choice', choices: ['top left', 'top right', 'bottom left', 'bottom right', 'left'] }, [
      ['top-left', '=top left'],
      ['The upper right corner', '=top right'],
      ['lower left', '=bottom left'],
      ['left', '=left'],
    ]);
  });

  describe('things', () => {
    table({ type: 'choice', choices: ['orange circle', 'gray crescent', 'pink diamond'] }, [
      ['The grey crescent.', '=gray crescent'],
      ['the pink diamond is farthest to the left', '=pink diamond'],
      ['the diamond', 'unparseable'],
    ]);
  });

  describe('letters that are the choices themselves', () => {
    table({ type: 'choice', choices: ['A', 'B', 'C'] }, [
      ['B', '=B'],
      ['(c)', '=C'],
    ]);
  });
});

describe('a pair is read from', () => {
  table({ type: 'pair' }, [
    ['(5,6)', '=5,6'],
    ['5, 6', '=5,6'],
    ['5x6', '=5,6'],
    ['5 × 6', '=5,6'],
    ['5 by 6', '=5,6'],
    ['{5},{6}', '=5,6'],
    ['{5,6}', '=5,6'],
    ['rows={5} columns={6}', '=5,6'],
    ['columns={6} rows={5}', '=5,6'],
    ['Rows: 5\nColumns: 6', '=5,6'],
    ['5 rows and 6 columns', '=5,6'],
    ['There are six columns and five rows.', '=5,6'],
    ['The grid has **5** rows and **6** columns, 30 cells in all.', '=5,6'],
    ['{"rows": 5, "columns": 6}', '=5,6'],
    ['{"num_rows": 5, "num_cols": 6}', '=5,6'],
    ['[5, 6]', '=5,6'],
    ['(5,6), that is 5 by 6', '=5,6'],
    ['5', 'unparseable'],
    ['4 or 5 by 6', '?'],
    ['I cannot tell.', 'abstained'],
  ]);
});

describe('a text is read from', () => {
  table({ type: 'text', accept: [], caseSensitive: false, abstain: 'wrong' }, [
    ['HOSPITAL', '=HOSPITAL'],
    ['"HOSPITAL"', '=HOSPITAL'],
    ['**HOSPITAL**', '=HOSPITAL'],
    ['```\nline one\nline two\n```', '=line one\nline two'],
    ['The sign says "HOSPITAL".', '=HOSPITAL'],
    ['The text in the image reads: HOSPITAL', '=HOSPITAL'],
    ['{"text": "HOSPITAL"}', '=HOSPITAL'],
    ['The text reads "OPEN 24 HOURS" in red letters.', '=OPEN 24 HOURS'],
    ['It says OPEN', '=OPEN'],
    ['This is a spider.', '=a spider.'],
    ['"OPEN" and "CLOSED"', '="OPEN" and "CLOSED"'],
    ['RM 60.30', '=RM 60.30'],
    ['GF-TABLE LAMP/STITCH <X>', '=GF-TABLE LAMP/STITCH <X>'],
    ['unreadable', 'abstained'],
    ['The text cannot be read.', 'abstained'],
    ["I'm sorry, but I can't assist with that.", 'refused'],
    ['', 'unparseable'],
  ]);
});

describe('any reply at all', () => {
  const specs: ItemAnswerSpec[] = [
    { type: 'integer' },
    { type: 'yesno' },
    { type: 'choice', choices: ['left', 'right'] },
    { type: 'pair' },
    { type: 'text', accept: [], caseSensitive: false, abstain: 'wrong' },
  ];

  it('is read without a failure', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '{',
        '}',
        '<think>',
        '\\boxed{',
        '"',
        '3',
        ' one ',
        'yes',
        ' no ',
        ',',
        '\n',
        '\u001b[',
        '(B)',
        'answer is ',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        for (const spec of specs) parseReply(pieces.join(''), spec);
      }),
    );
  });

  it('of any length is read in a time that grows with its length and no faster', () => {
    const length = 400_000;
    const hostile = [
      '<think>',
      '{',
      '<b',
      '\u001b[0',
      'answer is ',
      '1,',
      '  \n',
      '"',
      ' not ',
      'cannot ',
      '\\boxed{',
      'a',
      '[[',
      '9',
      'one ',
      ' but',
      '(A',
      '- ',
    ];
    for (const unit of hostile) {
      const reply = unit.repeat(length / unit.length);
      for (const spec of specs) {
        // The runner's time limit ends a quadratic pattern: it would take minutes.
        expect(['answer', 'ambiguous', 'abstained', 'refused', 'unparseable']).toContain(parseReply(reply, spec).kind);
      }
    }
  });

  it('of a million characters keeps an answer at either end', () => {
    expect(told(parseReply(`{3}${' lorem'.repeat(200_000)}`, { type: 'integer' }))).toBe('=3');
    expect(told(parseReply(`${'lorem '.repeat(200_000)}{3}`, { type: 'integer' }))).toBe('=3');
  });
});
