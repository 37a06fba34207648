# smoke in a container, built from the checkout: docker build --tag checkout-smoke .
FROM python:3.13 AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY smoke smoke
COPY scenarios scenarios
# what wheels carry for debuggers and their own tests weighs more than smoke itself
RUN python -m venv /smoke \
  && /smoke/bin/pip install --no-cache-dir --no-compile '.[db,http2]' \
  && /smoke/bin/pip uninstall --yes pip \
  && find /smoke -type d \( -name tests -o -name __pycache__ \) -prune -exec rm -r {} + \
  && find /smoke/lib/python3.13/site-packages/zstandard /smoke/lib/python3.13/site-packages/postgast \
    -name '*.so' -exec strip --strip-debug {} +

FROM python:3.13-slim
COPY --from=build /smoke /smoke
RUN useradd --uid 10001 --no-create-home smoke && install --directory --owner smoke --mode 0700 /work
ENV PATH=/smoke/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /work
ENTRYPOINT ["smoke"]
CMD ["--help"]
