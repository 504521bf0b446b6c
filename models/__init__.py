"""The models, each behind a small protocol, and what they share."""

import os

# Several libraries here (CTranslate2, llama.cpp, torch) bring their own OpenMP, and none knows of the others. While a
# thread waits for its fellows it spins, for some ms: on cores that are shared, exactly those fellows wait for the core.
# A llama.cpp answer beside a transcript came at 0.5 to 2.5 tokens a second, with short spinning at 6; alone at 13 both.
# OpenMP reads this when its library is loaded, hence here, before any of them.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
