# docker build -t screentest . && docker run -p 8790:8790 -e SCREENTEST_CONTROL_TOKEN=let-me-in screentest
FROM python:3.13-slim
COPY . /src
RUN pip install --no-cache-dir /src && rm -rf /src
ENV SCREENTEST_HOST=0.0.0.0 SCREENTEST_DB=:memory: SCREENTEST_ALLOW_HOST=screentest
EXPOSE 8790
ENTRYPOINT ["screentest"]
CMD ["serve"]
