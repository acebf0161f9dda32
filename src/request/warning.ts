/** Something the caller should know although the call went on. */

export interface Warning {
  readonly type:
    | 'unsupported-option' // an option that the target does not take was left out
    | 'adjusted-option' // an option was changed to what the target takes
    | 'dropped-provider-data' // reasoning or signatures of another provider were left out
    | 'moved-media' // a picture was moved to a place where the wire can carry it
    | 'media-type' // declared and found media types differ
    | 'other';
  /** The option or field concerned, for example `temperature` or `messages[2].content[0]`. */
  readonly subject?: string;
  readonly message: string;
}
