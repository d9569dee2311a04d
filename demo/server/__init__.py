"""What surrounds Gradio: the queue, the page as kept, what requests are let through."""
