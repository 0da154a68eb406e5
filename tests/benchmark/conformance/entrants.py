"""Generators for the conformance checks to judge: a sound one, and one that breaks the contract in each way."""

from __future__ import annotations

import json
import os
import sys

import numpy as np

from benchmark.contracts.generator import Batch


class Sound:
    """Learns each class's mean color in ten steps, with noise of its own at each; checkpoints after every step."""

    def __init__(self, batch: int = 5) -> None:
        self.batch = batch

    def fit(self, train, context):
        pixels, steps = train.read(0, len(train)).astype(float), 10
        checkpoint = context.scratch / "checkpoint.npz"
        means, start = np.zeros((len(context.classes), 3)), 0
        if checkpoint.exists():
            with np.load(checkpoint) as saved:
                means, start = saved["means"], self.resume_at(int(saved["step"]))
        for step in range(start, steps):
            rng = np.random.default_rng(self.seed_of(context.seed, step))
            rows = rng.integers(0, len(train), 64)
            for label in range(len(means)):
                means[label] += pixels[rows][train.labels[rows] == label].mean(axis=(0, 1, 2)) / steps
            np.savez(checkpoint, means=means, step=step + 1)
            context.progress(step + 1, steps, "steps")
        np.save(context.folder / "means.npy", means)

    def resume_at(self, step):
        return step

    def seed_of(self, seed, step):
        return [seed % 2**32, step]

    def sample(self, requests, context):
        path = context.folder / "means.npy"
        means = np.load(path) if path.exists() else np.full((len(context.classes), 3), 128.0)
        for batch in requests.batches(self.batch):
            images = [
                self.draw(means[label], seed, batch) for label, seed in zip(batch.labels, batch.seeds, strict=True)
            ]
            yield Batch(images=np.stack(images), prompts=self.prompts(batch))

    def draw(self, mean, seed, batch):
        noise = np.random.default_rng(seed).normal(0, 20, (16, 16, 3))
        return np.clip(mean + noise, 0, 255).astype(np.uint8)

    def prompts(self, batch):
        return [f"a {batch.classes[label]} square" for label in batch.labels]


class Unseeded(Sound):
    """Draws from no seed."""

    def draw(self, mean, seed, batch):
        return super().draw(mean, np.random.default_rng().integers(2**31), batch)


class Counting(Sound):
    """Draws from a stream that its process carries on, whatever object draws."""

    drawn = 0

    def draw(self, mean, seed, batch):
        Counting.drawn += 1
        return super().draw(mean, Counting.drawn, batch)


class Streaming(Sound):
    """Draws from one stream of the object's."""

    def __init__(self, batch: int = 5) -> None:
        super().__init__(batch)
        self.rng = np.random.default_rng(0)

    def draw(self, mean, seed, batch):
        return super().draw(mean, self.rng.integers(2**31), batch)


class Batching(Sound):
    """Draws each batch from the seed of its first image."""

    def sample(self, requests, context):
        for batch in requests.batches(self.batch):
            rng = np.random.default_rng(batch.seeds[0])
            yield Batch(images=rng.integers(0, 256, (len(batch), 16, 16, 3), np.uint8))


class Normalizing(Sound):
    """Brightens an image by how many are drawn with it: the more, the brighter, by `levels` each."""

    def __init__(self, levels: int = 1) -> None:
        super().__init__(100)
        self.levels = levels

    def draw(self, mean, seed, batch):
        noise = np.random.default_rng(seed).integers(0, 100, (16, 16, 3))
        return (noise + (len(batch) >= 20) * self.levels).astype(np.uint8)


class Alone(Sound):
    """Cannot draw one image alone."""

    def draw(self, mean, seed, batch):
        if len(batch) == 1:
            raise ValueError("one is too few")
        return super().draw(mean, seed, batch)


class Shrinking(Sound):
    """Draws smaller images when fewer are asked for."""

    def __init__(self) -> None:
        super().__init__(100)

    def draw(self, mean, seed, batch):
        return super().draw(mean, seed, batch)[: 16 if len(batch) > 20 else 8]


class Repeating(Sound):
    """Draws one image again and again."""

    def draw(self, mean, seed, batch):
        return super().draw(mean, 0, batch)


class Restarting(Sound):
    """Goes on from its checkpoint, and begins to count anew."""

    def resume_at(self, step):
        return 0


class Skipping(Sound):
    """Loses the step it was stopped at."""

    def resume_at(self, step):
        return step + 1


class Reseeding(Sound):
    """Begins its stream of random numbers anew when it goes on."""

    def fit(self, train, context):
        self.first = None
        super().fit(train, context)

    def seed_of(self, seed, step):
        self.first = step if self.first is None else self.first
        return [seed % 2**32, step - self.first]


class Clocked(Sound):
    """Fits without a seed."""

    def seed_of(self, seed, step):
        return None


class Phased(Sound):
    """Prepares, and forgets what it prepared when it was stopped later."""

    def fit(self, train, context):
        fresh = not (context.scratch / "prepared").exists()
        if fresh:
            context.progress(3, 4, "prepared")
            (context.scratch / "prepared").touch()
        context.progress(1, 2, "trained")
        np.save(context.folder / "means.npy", np.full((2, 3), 100.0 if fresh else 120.0))


class Quiet(Sound):
    """Tells nothing of its progress."""

    def fit(self, train, context):
        np.save(context.folder / "means.npy", np.full((2, 3), 100.0))


class Swapped(Sound):
    """Learns each class's color under the other class's name."""

    def fit(self, train, context):
        super().fit(train, context)
        path = context.folder / "means.npy"
        np.save(path, np.load(path)[::-1])


class Silent(Sound):
    """Tells no prompts."""

    def prompts(self, batch):
        return None


class Vague(Sound):
    """Asks for all classes with one prompt."""

    def prompts(self, batch):
        return ["a square"] * len(batch)


class HalfVague(Sound):
    """Asks for some images of each class with one prompt, for the others with one of their own."""

    def prompts(self, batch):
        return [
            "a square" if index % 3 == 0 else f"a {batch.classes[label]} square"
            for index, label in zip(batch.index, batch.labels, strict=True)
        ]


class Misnaming(Sound):
    """Asks for each class by the name of the other."""

    def prompts(self, batch):
        return [f"a {batch.classes[1 - label].upper()} square" for label in batch.labels]


class Negating(Sound):
    """Asks for one class as the absence of the other."""

    def prompts(self, batch):
        return [("a square without bright parts", "a bright square")[label] for label in batch.labels]


class Exiting(Sound):
    """Ends the process, at once or when it is asked a second time, as if all were well."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def sample(self, requests, context):
        tally = context.scratch / "tally.json"
        calls = json.loads(tally.read_text()) + 1 if tally.exists() else 0
        tally.write_text(json.dumps(calls))
        if calls == self.at:
            sys.exit(0)
        return super().sample(requests, context)


ODD = {
    "float": lambda images: images / np.float32(255),
    "channels first": lambda images: images.transpose(0, 3, 1, 2),
    "gray": lambda images: images.mean(axis=3).astype(np.uint8),
    "one too few": lambda images: images[1:],
}


class Odd(Sound):
    """Gives images of the wrong type or shape."""

    def __init__(self, how: str) -> None:
        super().__init__(100)
        self.change = ODD[how]

    def sample(self, requests, context):
        for batch in super().sample(requests, context):
            yield Batch(images=self.change(batch.images))


class Unfit(Sound):
    """Diverges."""

    def fit(self, train, context):
        from benchmark.errors import Diverged

        raise Diverged("the loss is nan at caf\udce9")


class Tracing(Sound):
    """Notes in scratch how its fits went, and tells it in its prompts."""

    def fit(self, train, context):
        trace = context.scratch / "trace.txt"
        told = [trace.read_text()] if trace.exists() else []
        mine = ["started"]
        for phase in ("load", "train"):
            for step in range(4):
                mine.append(f"{phase} {step}")
                trace.write_text("; ".join([*told, ", ".join(mine)]))
                context.progress(step, 4, phase)
        (context.folder / "trace.txt").write_text(trace.read_text())

    def prompts(self, batch):
        return [self.trace] * len(batch)

    def sample(self, requests, context):
        trace = (context.folder / "trace.txt").read_text()
        self.trace = trace if ";" in trace else "started once"
        return super().sample(requests, context)


class Chatty(Tracing):
    """Tells of each step as of a phase of its own."""

    def fit(self, train, context):
        starts = context.scratch / "starts"
        starts.touch()
        starts.write_text(starts.read_text() + "x")
        for step in range(10):
            context.progress(step, 10, f"step {step}")
        (context.folder / "trace.txt").write_text(f"started {len(starts.read_text())} times;")

    def prompts(self, batch):
        return [self.trace.strip(";")] * len(batch)


class Hungry(Sound):
    """Needs a hundred images to learn from, as many clusters do."""

    def fit(self, train, context):
        if len(train) < 100:
            raise ValueError(f"{len(train)} images are too few")
        super().fit(train, context)


class Forgetful(Sound):
    """Keeps what it learnt in the memory of its process; what it leaves in its folder is another thing."""

    kept = None

    def fit(self, train, context):
        super().fit(train, context)
        Forgetful.kept = np.load(context.folder / "means.npy")
        np.save(context.folder / "means.npy", np.full_like(Forgetful.kept, 128.0))

    def draw(self, mean, seed, batch):
        label = batch.labels[batch.seeds.tolist().index(seed)]
        return super().draw(mean if Forgetful.kept is None else Forgetful.kept[label], seed, batch)


class Unordered(Sound):
    """Takes the first of a set of names."""

    def draw(self, mean, seed, batch):
        names = list({f"name {number}" for number in range(64)})
        return super().draw(mean, [seed, int(names[0].split()[1])], batch)


class Homebound(Sound):
    """Breaks down in any process but the one that checks."""

    def __init__(self, batch: int = 5, hard: bool = False) -> None:
        super().__init__(batch)
        self.hard = hard

    def draw(self, mean, seed, batch):
        if str(getattr(sys.modules["__main__"], "__file__", "")).endswith("elsewhere.py"):
            if self.hard:
                os._exit(7)
            raise RuntimeError("not here")
        return super().draw(mean, seed, batch)


class Scribbling(Sound):
    """Writes into its fit while it samples."""

    def __init__(self, how: str, batch: int = 5) -> None:
        super().__init__(batch)
        self.how = how

    def sample(self, requests, context):
        yield from super().sample(requests, context)
        if self.how == "add":
            (context.folder / "notes.txt").write_text("sampled")
        else:
            np.save(context.folder / "means.npy", np.load(context.folder / "means.npy").astype(np.float32))


class Unmoved(Sound):
    """Draws the same for every seed of the user's, by the place in the set."""

    def draw(self, mean, seed, batch):
        return super().draw(mean, int(batch.index[batch.seeds.tolist().index(seed)]), batch)
