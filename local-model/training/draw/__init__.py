"""The training renderer: draws exported scene descriptions fast and turns them into lessons (picture, truth, questions)."""
