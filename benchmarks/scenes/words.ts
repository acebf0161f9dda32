/** The words that signs, screens, receipts and paragraphs are made of, and which of them are held out for testing. */

import type { Split } from './item.js';
import { hashNumber, type Random } from './random.js';

/** Plain English words of three to ten letters; a model that knows the language can guess them from a blurred shape. */
const wordList = `
able acid acorn actor adult after again agent alarm album alley amber anchor angle ankle apron arch arena arrow autumn avenue
bacon badge baker balcony bamboo banana banner barrel basket battery beach beacon bench berry bicycle bishop blanket blossom
board boat border bottle bottom branch brave bread breeze brick bridge bright broken bronze brother brush bucket budget button
cabin cable cactus camera camel canal candle canvas captain carbon cargo carpet carrot castle cattle cellar cement centre chain
chair chapel cheese cherry chicken choir circle circus citizen city clever cliff clock cloud clover coast coffee collar colony
comet common concert copper corner cotton couch country cousin cradle crane cream creek cricket crown cruise crystal culture
current curtain cushion custom dairy daisy damage dancer danger daring dawn decade deer delta desert dinner doctor dollar dolphin
donkey double dragon drawer dream driver drum eagle early earth east easy echo editor eleven empire engine enough entry equal
estate evening event exact exhibit fabric factory falcon famous farmer father feather fence ferry fiction field figure finger
fisher flame flavour flight flour flower flute forest fork formal fortune forty fossil fountain fresh friend frost fruit future
gallery garage garden garlic garment gentle giant ginger glacier glass globe glove golden gossip grain granite grape grass
gravel green ground guard guest guitar hammer harbour harvest hazel heart height helmet hidden hockey hollow honest honey horizon
horse hotel house humble hunter icicle impact indoor insect island ivory jacket jelly jewel journal judge jungle junior kettle
kitchen kitten ladder lake lantern laptop laundry leader leather legend lemon letter level library lily linen liquid little lizard
lobster local locket lucky lumber lunch machine magnet mango maple marble margin market master meadow medal melody member memory
mercury message metal middle mineral mirror mobile modern moment monkey month moral morning mosaic mother motor mountain museum
music mustard napkin narrow nation nature needle nephew nickel noble noise normal north notice novel number oasis object ocean
office olive onion opera orange orbit orchard organ origin outdoor oven oxygen oyster paddle palace panel paper parade parcel
parent parrot pastry patrol pattern peanut pearl pebble pencil pepper perfume phrase piano picnic pigeon pillow pilot pirate
planet plastic plate plum pocket poem polar pony poplar portal potato powder prairie prince profit pumpkin puppet purple puzzle
quartz queen quiet rabbit radio railway raven reason record region remote rescue ribbon river robin rocket roof rubber saddle
safari salad salmon sample sandal sauce scarf school science season second secret senior shadow shelter shepherd shield shower
signal silence silver simple singer sister sketch sleeve smooth soccer socket soldier south spice spider spirit sponge spring
square squash stable station statue steam steel sticker stone storm story street string studio sugar summer sunset supper surface
swallow sweet symbol table talent target teacher temple tender theater thread thunder ticket tiger timber tomato tower tractor
travel treasure trumpet tunnel turkey turtle twelve twenty umbrella uncle uniform valley vanilla velvet vessel village vinegar
violin vision volcano voyage waffle wagon walnut water weather wedding whale wheat whisper willow window winter wisdom wizard
wonder wooden worker yellow yogurt zebra zipper
`;

/** Words that stand on signs. */
const signList = `
open closed exit entrance stop danger caution private parking sale toilet reception platform elevator stairs library museum cafe
bakery pharmacy hospital police station ticket welcome reserved occupied vacant warning pull push silence staff lobby garage
market airport harbour school kitchen cinema gallery office
`;

/** Things one buys, for receipts. */
const wareList = `
bread milk butter cheese coffee tea sugar flour rice pasta eggs apples bananas oranges grapes lemons carrots onions potatoes
tomatoes cucumber lettuce yogurt cream juice water salt pepper honey jam cookies candy soap shampoo towels batteries candles
napkins olives salmon chicken sausage mustard ketchup vinegar cereal nuts mushrooms garlic spinach
`;

export const words: readonly string[] = split(wordList);
export const signWords: readonly string[] = split(signList);
export const wares: readonly string[] = split(wareList);

/** Half of all words, by a hash, are never shown in training. */
export function wordSplit(word: string): Split {
  return hashNumber(word.toLowerCase()) % 2 === 0 ? 'train' : 'test';
}

/** Of a word of the lists, whether training shows it; undefined for any other text. */
export function listedWordSplit(text: string): Split | undefined {
  const word = text.trim().toLowerCase();
  return words.includes(word) || signWords.includes(word) ? wordSplit(word) : undefined;
}

const halves = new WeakMap<readonly string[], Readonly<Record<Split, readonly string[]>>>();

/** Words of one half of the split. Hashed once a list. */
export function heldBy(list: readonly string[], owner: Split): readonly string[] {
  let known = halves.get(list);
  if (known === undefined) {
    const part = (split: Split): string[] => list.filter((word) => wordSplit(word) === split);
    known = { train: part('train'), test: part('test') };
    halves.set(list, known);
  }
  return known[owner];
}

/** What a test picture may show: half of its words are known from training, half are held out. */
export function drawWord(random: Random, list: readonly string[], owner: Split): string {
  return random.pick(heldBy(list, owner === 'test' && random.chance(50) ? 'test' : 'train'));
}

/** Capitals and digits that no two fonts let one confuse: no I, O, S, Z, B, G, 0, 1, 5, 2, 8, 6, and no U beside V. */
const clearCharacters = 'ACDEFHJKLMNPRTVWXY3479';

/** A string that no language helps to guess. */
export function randomString(random: Random, length: number): string {
  return Array.from({ length }, () => clearCharacters[random.below(clearCharacters.length)] ?? 'A').join('');
}

/** A number of so many digits, the first not 0. */
export function randomDigits(random: Random, length: number): string {
  return Array.from({ length }, (_, place) => String(place === 0 ? random.between(1, 9) : random.between(0, 9))).join(
    '',
  );
}

function split(list: string): string[] {
  return [...new Set(list.trim().split(/\s+/))];
}
