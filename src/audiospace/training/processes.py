"""The processes that train together: one, DDP or FSDP, on this machine or on several."""

import logging
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeVar

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.precision.amp import MixedPrecision
from lightning_fabric.plugins.precision.precision import Precision as PrecisionPlugin
from lightning_fabric.strategies.ddp import DDPStrategy
from lightning_fabric.strategies.model_parallel import ModelParallelStrategy
from lightning_fabric.strategies.strategy import Strategy
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from audiospace.errors import UserError
from audiospace.kernels import supported_precisions
from audiospace.training.config import Precision

StrategyName = Literal["auto", "ddp", "fsdp"]
Accelerator = Literal["auto", "cpu", "gpu"]

Result = TypeVar("Result")

USER_MISTAKE = 2
PATIENCE = timedelta(hours=6)
"""How long processes wait for each other: one of them may be preparing the data of all."""


class MatrixProducts(MixedPrecision):
    """bfloat16 in matrix products alone.

    Fabric's own mixed precision also rounds what a network is given: flow times, noise, targets, waveforms.
    """

    def convert_input(self, data: Any) -> Any:  # noqa: ANN401
        """What a network is given stays as it is."""
        return data


@dataclass(frozen=True)
class Machines:
    """On what a stage is trained. It changes nothing about the result but rounding.

    Under `torchrun` or a cluster's scheduler, which start the processes themselves, their environment
    variables take the place of `devices` and `nodes`.

    Attributes:
        devices: Processes on each machine, one for each GPU or share of the CPU; 0 for every GPU there is.
        nodes: Machines.
        strategy: 'ddp' keeps the whole network in every process, 'fsdp' a share of it; 'auto' is 'ddp' where
            there are several processes.
        accelerator: 'gpu', 'cpu', or 'auto' for a GPU if there is one.
    """

    devices: int = 1
    nodes: int = 1
    strategy: StrategyName = "auto"
    accelerator: Accelerator = "auto"


def launch(machines: Machines, precision: Precision) -> Fabric:
    """Start the other processes, if any, and meet them.

    Args:
        machines: Where to train.
        precision: Of the matrix products.

    Returns:
        What speaks for the processes; each process goes on from here.

    Raises:
        UserError: There is no such GPU, or a number is below what is possible.
    """
    devices, nodes = _counts(machines)
    gpus = torch.cuda.device_count()
    accelerator = machines.accelerator
    if accelerator == "auto":
        accelerator = "gpu" if gpus else "cpu"
    if devices == 0:
        devices = gpus if accelerator == "gpu" else 1
    if devices < 1 or nodes < 1:
        raise UserError(f"cannot train on {devices} devices of {nodes} machines", remedy="Give 1 or more")
    if accelerator == "gpu" and devices > gpus:
        raise UserError(f"{devices} GPUs are asked for and {gpus} are there", remedy="Lower --devices")
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    logging.getLogger("lightning.fabric").setLevel(logging.WARNING)
    fabric = Fabric(
        accelerator=accelerator,
        devices=devices,
        num_nodes=nodes,
        strategy=_strategy(machines.strategy, devices * nodes),
        plugins=_precision(_supported(precision, accelerator), accelerator),
    )
    fabric.launch()
    return fabric


def _supported(precision: Precision, accelerator: str) -> Precision:
    """float32 where bfloat16 is asked for on a processor that would compute it a hundred times slower."""
    here = supported_precisions(torch.device("cpu"))
    return "float32" if accelerator == "cpu" and precision not in here else precision


def _precision(precision: Precision, accelerator: str) -> PrecisionPlugin:
    device = "cpu" if accelerator == "cpu" else "cuda"
    return PrecisionPlugin() if precision == "float32" else MatrixProducts("bf16-mixed", device)


def first_then_others(fabric: Fabric, work: Callable[[], Result]) -> Result:
    """Do something in the first process and then, when it has succeeded there, in the others.

    What it leaves on the disk is made once. A user's mistake is found once, and told by the first process.

    Args:
        fabric: Of the processes.
        work: What to do.

    Returns:
        What it gives in this process.

    Raises:
        UserError: It failed; in processes other than the first they end instead.
    """
    found: list[Result] = []
    mistake: UserError | None = None
    if fabric.is_global_zero:
        try:
            found.append(work())
        except UserError as error:
            mistake = error
    if fabric.broadcast(mistake is not None) and mistake is None:
        raise SystemExit(USER_MISTAKE)
    if mistake is not None:
        raise mistake
    return found[0] if found else work()


def is_sharded(fabric: Fabric) -> bool:
    """Whether each process keeps only a share of the weights."""
    return isinstance(fabric.strategy, ModelParallelStrategy)


def is_first_process() -> bool:
    """Whether this is the first process of all, asked before or after they have met."""
    return all(
        os.environ.get(name, "0") == "0" for name in ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID")
    )


def repeated_blocks(network: nn.Module) -> tuple[nn.Module, ...]:
    """The members of every list of modules in a network: what is sharded, and checkpointed, one by one.

    Args:
        network: The network.

    Returns:
        Its blocks, in order.
    """
    lists = [module for module in network.modules() if isinstance(module, nn.ModuleList)]
    return tuple(block for members in lists for block in members)


def whole(tensor: Tensor) -> Tensor:
    """Put a sharded tensor together; all processes ask for it at the same time.

    Args:
        tensor: A weight, or what the optimiser keeps for one; sharded or not.

    Returns:
        All of it, where it is computed with.
    """
    return (tensor.full_tensor() if isinstance(tensor, DTensor) else tensor).detach()


def shared_like(full: Tensor, example: Tensor) -> Tensor:
    """Take this process's share of a whole tensor.

    Args:
        full: The whole tensor, the same in every process.
        example: Sharded or not, on the device wanted.

    Returns:
        A tensor placed and sharded as the example is.
    """
    placed = full.to(example.device)
    if not isinstance(example, DTensor):
        return placed
    return distribute_tensor(placed, example.device_mesh, example.placements, src_data_rank=None)


def _counts(machines: Machines) -> tuple[int, int]:
    """Processes on each machine and machines, as the environment has them where it started the processes."""
    if "TORCHELASTIC_RUN_ID" in os.environ or {"RANK", "LOCAL_WORLD_SIZE"} <= os.environ.keys():
        each = int(os.environ["LOCAL_WORLD_SIZE"])
        return each, int(os.environ["WORLD_SIZE"]) // each
    return machines.devices, machines.nodes


def _strategy(name: StrategyName, world: int) -> Strategy | str:
    if name == "fsdp":
        # Nothing is done in place to what a sharded part returns.
        warnings.filterwarnings("ignore", message="FSDP2-wrapped module .* returned a view")
        return ModelParallelStrategy(
            _shard, data_parallel_size=world, tensor_parallel_size=1, timeout=PATIENCE
        )
    if name == "ddp" or world > 1:
        # A stage need not use all of a network: before video is seen, its conditioners have no gradient.
        return DDPStrategy(find_unused_parameters=True, timeout=PATIENCE)
    return "auto"


def _shard(network: nn.Module, mesh: DeviceMesh) -> nn.Module:
    """Shard the blocks, then what else each part of the network holds, then the rest."""
    data_parallel = mesh["data_parallel"]
    parts = [child for child in network.children() if any(True for _ in child.parameters())]
    for module in (*repeated_blocks(network), *parts, network):
        fully_shard(module, mesh=data_parallel, reshard_after_forward=True)
    return network
