"""``python -m companies.jinghe.backend --port 8401``"""

import argparse
from datetime import date

import uvicorn

from companies.jinghe.backend import make_app


def main() -> None:
    parser = argparse.ArgumentParser(prog="companies.jinghe.backend", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8401, help="TCP port")
    parser.add_argument("--database", default="sqlite://", help="SQLAlchemy URL; the default is new at every start")
    arguments = parser.parse_args()
    app = make_app(arguments.database, date.today)
    uvicorn.run(app, host=arguments.host, port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
