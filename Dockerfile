# One image for the web server, the workers and the commands.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    SHIPSYNC_ENV=production SHIPSYNC_READ_DOT_ENV=0 \
    SHIPSYNC_DATA_DIR=/var/lib/shipsync SHIPSYNC_STATIC_ROOT=/app/static

RUN useradd --system --create-home --home-dir /var/lib/shipsync shipsync
WORKDIR /app
COPY . .
RUN pip install --no-cache-dir -c constraints.txt -e . \
    && SECRET_KEY=only-for-this-step python manage.py collectstatic --noinput -v 0

USER shipsync
EXPOSE 8000
# Two sync workers: threads only fight over one interpreter here.
CMD ["gunicorn", "shipsync_site.wsgi", "--bind=0.0.0.0:8000", "--workers=2", \
     "--timeout=30", "--access-logfile=-"]
