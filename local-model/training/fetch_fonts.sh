#!/bin/sh
# Brings the typefaces the text scenes are printed in (all under the SIL Open Font Licence or Apache-2.0) into
# state/fonts and state/print-fonts, from npm packages. Nothing of a font ends up in the weights. None of the benchmark's
# held-out families is among them; those it trains with are in this package's own node_modules (printed/crops.py).
set -eu
cd "$(dirname "$0")"

fetch() { # FOLDER STYLES PACKAGE...
  folder=$1 styles=$2
  shift 2
  mkdir -p "$folder" state/packages
  for name in "$@"; do
    (cd state/packages && npm pack "@expo-google-fonts/$name" >/dev/null && tar xzf ./*.tgz && rm ./*.tgz)
    for style in $styles; do
      find "state/packages/package/$style" -name '*.ttf' -exec cp {} "$folder/" \; 2>/dev/null || true
    done
    rm -rf state/packages/package
  done
}

fetch state/fonts "400Regular 700Bold 400Regular_Italic" \
  roboto@0.4.3 open-sans@0.4.2 lato@0.4.1 roboto-mono@0.4.2 roboto-slab@0.4.2 tinos@0.4.2 montserrat@0.4.2 source-serif-4@0.4.1

# shellcheck disable=SC2086
fetch state/print-fonts "400Regular 700Bold 400Regular_Italic" $(cat print_fonts.txt)
ls state/fonts state/print-fonts | wc -l
