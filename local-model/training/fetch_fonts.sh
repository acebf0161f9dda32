#!/bin/sh
# Brings the typefaces the text scenes are printed in (all under the SIL Open Font Licence or Apache-2.0) into
# state/fonts, from npm packages. Nothing of a font ends up in the weights; without them PIL's own font is used.
set -eu
cd "$(dirname "$0")"
mkdir -p state/fonts state/packages
for name in roboto@0.4.3 open-sans@0.4.2 lato@0.4.1 merriweather@0.4.2 roboto-mono@0.4.2 roboto-slab@0.4.2 inter@0.4.2 tinos@0.4.2 montserrat@0.4.2 source-serif-4@0.4.1; do
  (cd state/packages && npm pack "@expo-google-fonts/$name" >/dev/null && tar xzf ./*.tgz && rm ./*.tgz)
  for style in 400Regular 700Bold 400Regular_Italic; do
    find "state/packages/package/$style" -name '*.ttf' -exec cp {} state/fonts/ \; 2>/dev/null || true
  done
  rm -rf state/packages/package
done
ls state/fonts
