# The emulator as a service, described in docs/service.md: docker build -t rekog-emulator .
# The extra `video` is left out, because the licence of PyAV's wheel matters to everyone who passes an image on
# (docs/design/video.md): docker build --build-arg EXTRAS=emulator,vision,video,cli -t rekog-emulator .
FROM python:3.13-slim AS build
ARG EXTRAS=emulator,vision,cli
WORKDIR /source
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY website website
COPY src src
COPY weights weights
RUN python -m venv /opt/rekog
RUN /opt/rekog/bin/pip install --no-cache-dir --disable-pip-version-check ./weights ".[${EXTRAS}]"

FROM python:3.13-slim
COPY --from=build /opt/rekog /opt/rekog
RUN useradd --create-home --uid 1000 rekog && install --directory --owner=rekog /data
USER rekog
WORKDIR /home/rekog
ENV PATH=/opt/rekog/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    REKOG_EMULATOR_HOST=0.0.0.0 \
    REKOG_EMULATOR_PORT=8680 \
    REKOG_EMULATOR_DATA=/data \
    REKOG_EMULATOR_LOG=json
VOLUME /data
EXPOSE 8680
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s --start-interval=1s CMD ["python", "-m", "rekog.emulator", "health"]
ENTRYPOINT ["python", "-m", "rekog.emulator"]
CMD ["serve"]
