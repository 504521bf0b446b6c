"""Proof by calls: scenarios of callers, played against a whole call at the level of text, and judged by code.

``python -m bench.evals [--lang zh|en] [--only NAME] [--persona] [--out DIR]`` plays ``bench/sets/evals_*.yaml`` and
``bench/sets/attacks.yaml``, prints task success, turns, wrong facts, needless transfers, repetitions and what attacks
got out of the bot, and writes every transcript to read.

How it hangs together: ``scenario`` (who calls, what they say, what must come of it) → ``caller`` (exact: says what the
bot's sentence asks for, by the patterns of ``asked.yaml``) or ``persona`` (the local language model plays the caller) →
``line`` (the call, behind a protocol) → ``play`` → ``judge`` and ``facts`` (pure, from transcript to verdict) →
``report``.

Why not pipecat's evals (``pipecat.evals``), which were read for this:

- Their scripted scenarios play a fixed list of turns, each with the events that must follow it. A policy that is free
  to ask in another order, or to ask less, would break the script without being wrong. Our caller answers what is asked.
- Their simulations leave both the caller and the judgement to language models. Here facts are judged by code, since a
  small model would miss a wrong date, and the result must be the same on every run.
- They connect to a bot process over RTVI and wait on the wall clock; 90 calls would take hours on two cores, and a call
  of ours is a timeline in virtual time.

What was taken from them as ideas: calls matched by name and a subset of their arguments, a persona that hangs up by its
own act rather than by saying goodbye, a cap on turns, and transcripts kept beside the verdicts. Driving the same
scenarios through audio and RTVI with ``pipecat eval`` remains possible: a persona's text is written as theirs is.
"""
