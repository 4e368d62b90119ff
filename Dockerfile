# One image for web, workers, scheduler and (demo) mock services; the command tells them apart.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
RUN /opt/venv/bin/pip install --require-hashes -r /tmp/requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin housing
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Catalogues and hashed static files belong to the image. The values below exist for this one
# command only: production settings refuse to load without some, and nothing of them is kept.
RUN python -m ops.catalogues \
 && SECRET_KEY=build YZ_FIELD_KEYS=1=00 YZ_INDEX_KEY=build ALLOWED_HOSTS=build \
    PORTAL_SERVICE_PASSWORD=build DATASHARE_APP_KEY=build DATASHARE_APP_SECRET=build \
    OUTBOX_SECRET=build DJANGO_SETTINGS_MODULE=yinzhou_housing.settings.production \
    python manage.py collectstatic --no-input --verbosity 0 \
 && mkdir -p /var/lib/housing/papers /var/lib/housing/beat \
 && chown -R housing: /var/lib/housing
USER housing
VOLUME /var/lib/housing
EXPOSE 8000
CMD ["gunicorn", "yinzhou_housing.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--workers", "3", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
