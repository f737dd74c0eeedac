# yololab in a container.
#   docker build -t yololab .                                        torch for CUDA, which runs on CPUs too
#   docker build -t yololab-cpu --build-arg TORCH_INDEX=URL .        URL: PyTorch's own index of CPU builds; a third of the size
#   docker run --rm --gpus all --shm-size 8g -v "$PWD:/work" yololab train experiment=smoke
FROM python:3.11-slim

ARG TORCH_INDEX=""
RUN useradd --create-home user \
 && pip install --no-cache-dir uv

WORKDIR /opt/yololab
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src ./src
COPY conf ./conf
RUN uv pip install --system --no-cache ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch torchvision \
        $([ -n "$TORCH_INDEX" ] || echo "-c constraints.txt") \
 && uv pip install --system --no-cache ".[onnx,tensorboard,slice]" \
        $([ -n "$TORCH_INDEX" ] || echo "-c constraints.txt")

USER user
WORKDIR /work
ENTRYPOINT ["yololab"]
CMD ["--help"]
