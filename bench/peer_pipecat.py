"""What one would pick instead: stock pipecat, wired as its own template (Twilio, cascade) wires it, on the very same
weights. It speaks Twilio Media Streams at ``/ws/media-stream``, as ours does.

Everything is pipecat's default, threads included, as in a user's first try: faster-whisper takes all cores up to 4,
onnxruntime (Kokoro) all cores; Smart Turn and Silero VAD one each. The services are made anew for each call, as the
template's ``bot()`` does; llama.cpp runs in this process with 2 threads and keeps what it computed of a chat. What
differs from the template, all in the peer's favour:

* 16 kHz into the pipeline. The template's telephony setting is 8 kHz, but Whisper takes 16 kHz and the service does not
  resample: with 8 kHz it would hear everything at double speed.
* The greeting is a fixed sentence; the template lets the language model introduce itself.
* Whisper in int8, and a context of 4096 tokens for llama.cpp, as ours have.

Its own account of each answer goes to ``--metrics FILE``, one JSON line each, as pipecat's ``UserBotLatencyObserver``
breaks it down.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import uvicorn
import yaml
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import TTSSpeakFrame
from pipecat.observers.user_bot_latency_observer import LatencyBreakdown, MeasuredFrom, UserBotLatencyObserver
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.services.kokoro.tts import KokoroTTSService
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.services.whisper.stt import WhisperSTTService
from pipecat.transcriptions.language import Language
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner

from agent.config import load_settings
from agent.model_settings import model_settings
from models.catalog import load_catalog, require
from models.llm import LlamaServer

TEXTS = Path(__file__).with_suffix(".yaml")
LLM_THREADS = 2
CONTEXT_TOKENS = 4096
PIPELINE_RATE_HZ = 16_000
TELEPHONE_RATE_HZ = 8_000


@dataclass(frozen=True)
class Models:
    """The folders of the weights."""

    whisper: Path
    kokoro: Path
    llm: Path


def find_models(profile: str) -> Models:
    """Those of the profile that ours uses too. Raises ModelError."""
    where = model_settings(load_settings())
    names = [entry.name for entry in load_catalog().profile(profile)]
    whisper, kokoro, llm = (next(n for n in names if n.startswith(kind)) for kind in ("whisper", "kokoro", "qwen"))
    return Models(require(whisper, where), require(kokoro, where), require(llm, where))


class Peer:
    """The bot of pipecat's template.

    llm_url: an OpenAI-compatible server. metrics: where its stage times go, one JSON line an answer.
    """

    def __init__(self, models: Models, texts: dict[str, Any], llm_url: str, metrics: TextIO | None) -> None:
        self._models = models
        self._texts = texts
        self._llm_url = llm_url
        self._metrics = metrics

    async def answer(self, socket: WebSocket) -> None:
        """One call, until the caller hangs up."""
        await socket.accept()
        _, call_data = await parse_telephony_websocket(socket)
        serializer = TwilioFrameSerializer(
            call_data["stream_id"],
            call_sid=call_data["call_id"],
            params=TwilioFrameSerializer.InputParams(auto_hang_up=False),
        )
        transport = FastAPIWebsocketTransport(
            socket,
            FastAPIWebsocketParams(
                audio_in_enabled=True, audio_out_enabled=True, add_wav_header=False, serializer=serializer
            ),
        )
        user, assistant = LLMContextAggregatorPair(
            LLMContext(), user_params=LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())
        )
        pipeline = Pipeline(
            [transport.input(), self._stt(), user, self._llm(), self._tts(), transport.output(), assistant]
        )
        worker = PipelineWorker(
            pipeline,
            params=PipelineParams(
                audio_in_sample_rate=PIPELINE_RATE_HZ,
                audio_out_sample_rate=TELEPHONE_RATE_HZ,
                enable_metrics=True,
                enable_usage_metrics=True,
            ),
            observers=[self._observer(call_data["body"]["caller"])],
        )
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)

        @transport.event_handler("on_client_connected")
        async def connected(_: object, __: object) -> None:
            await worker.queue_frames([TTSSpeakFrame(self._texts["greeting"])])

        @transport.event_handler("on_client_disconnected")
        async def disconnected(_: object, __: object) -> None:
            await runner.cancel()

        await runner.run()

    def _stt(self) -> WhisperSTTService:
        settings = WhisperSTTService.Settings(model=str(self._models.whisper), language=Language.ZH)
        return WhisperSTTService(device="cpu", compute_type="int8", settings=settings)

    def _llm(self) -> OpenAILLMService:
        settings = OpenAILLMService.Settings(
            model="local",
            system_instruction=self._texts["system"],
            temperature=self._texts["temperature"],
            max_tokens=self._texts["max_tokens"],
        )
        return OpenAILLMService(base_url=self._llm_url, api_key="none", settings=settings)

    def _tts(self) -> KokoroTTSService:
        return KokoroTTSService(
            model_path=str(self._models.kokoro / "model.onnx"),
            voices_path=str(self._models.kokoro / "voices.npz"),
            settings=KokoroTTSService.Settings(voice=self._texts["voice"], language=Language.ZH),
        )

    def _observer(self, caller: str) -> UserBotLatencyObserver:
        observer = UserBotLatencyObserver()

        @observer.event_handler("on_latency_breakdown")
        async def measured(_: object, breakdown: LatencyBreakdown) -> None:
            if self._metrics is None or breakdown.measured_from is not MeasuredFrom.USER_SILENCE:
                return
            stages = [[part.key, round(1000 * part.duration_secs)] for part in breakdown.contributions]
            line = {"caller": caller, "at_epoch_s": time.time(), "stages_ms": stages}
            self._metrics.write(json.dumps(line) + "\n")
            self._metrics.flush()

        return observer


def make_app(peer: Peer) -> FastAPI:
    """The web application that takes its calls."""
    app = FastAPI()

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    app.websocket("/ws/media-stream")(peer.answer)
    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--profile", choices=("cpu", "cpu-small"), default="cpu")
    parser.add_argument("--metrics", type=argparse.FileType("w", encoding="utf-8"), help="file for its stage times")
    parser.add_argument("--verbose", action="store_true", help="pipecat's debug log, which formats every frame")
    arguments = parser.parse_args()
    if not arguments.verbose:
        logger.remove()
    models = find_models(arguments.profile)
    server = LlamaServer(models.llm / "model.gguf", threads=LLM_THREADS, context_tokens=CONTEXT_TOKENS)
    texts = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    app = make_app(Peer(models, texts, server.url, arguments.metrics))
    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
