# syntax=docker/dockerfile:1
# schoolsafe in production: one image for web, worker, clock and the one-off installation of the database.

FROM python:3.13-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --require-hashes -r requirements.txt


FROM python:3.13-slim AS product
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    fonts-dejavu-core fonts-noto-core fonts-droid-fallback fonts-wqy-microhei \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 schoolsafe \
 && useradd --uid 10001 --gid 10001 --home-dir /app --no-create-home --shell /usr/sbin/nologin schoolsafe \
 && install -d -o schoolsafe -g schoolsafe -m 0700 /media
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=schoolsafe.settings.production \
    MEDIA_ROOT=/media \
    STATIC_ROOT=/app/staticfiles \
    WEB_BIND=0.0.0.0:8000
WORKDIR /app
COPY . .
RUN SECRET_KEY=only-for-collecting-static-files-while-the-image-is-built-0123456789 \
    SEAL_KEYS=b25seS1mb3ItYnVpbGRpbmctdGhlLWltYWdlLTAxMjM= \
    ALLOWED_HOSTS=localhost DATABASE_URL=postgres://nobody@nowhere/none \
    python manage.py collectstatic --noinput --verbosity 0 \
 && python -m compileall -q .
USER schoolsafe
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 CMD ["python", "deploy/probe.py", "readyz"]
CMD ["gunicorn", "--config", "deploy/gunicorn.py", "schoolsafe.wsgi"]
