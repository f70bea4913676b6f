# A report, or JupyterLab, without installing anything but Docker:
#   docker build -t korus .
#   mkdir made
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD/made:/made" korus
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD/made:/made" -p 127.0.0.1:8888:8888 korus \
#     lab /made/chapters -- --ip 0.0.0.0 --no-browser
# The image holds what requirements.lock names (hashes checked); what runs in it opens no connection.
FROM python:3.12-slim-bookworm

# Whoever runs it owns what it writes: HOME and cache are open to any user.
WORKDIR /korus
ENV KORUS_CACHE=/cache HOME=/cache
RUN mkdir -m 1777 /cache /made
COPY . .
RUN tools/setup.sh python3 .venv run && rm -rf /cache/.[!.]* /cache/*

ENTRYPOINT ["/korus/.venv/bin/korus"]
CMD ["report", "--out", "/made"]
